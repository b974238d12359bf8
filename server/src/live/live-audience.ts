import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { OrganizationId } from '@dibs/shared';
import { EventBus } from '../events/event-bus.js';
import { LogWatchers } from '../logs/log-watchers.js';
import { ReaderShare } from '../logs/reader-share.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import type { HintBox, Hints } from './hint-box.js';
import { HintRound } from './hint-round.js';
import type { LiveViewer } from './live-viewer.js';

/** Twice the period in which a watched log is shipped: 100 ms. */
const HINT_PERIODS = 2;
/** Each hint of a log has all pull who watch it: 100 may do so with every batch (50 ms), 200 and more every tenth of a second. */
const MS_PER_VIEWER = 0.5;
/** In a flood of lines, where reading delays storing: up to six may do so with every batch, 13 and more every tenth of a second. */
const MS_PER_VIEWER_IN_A_FLOOD = 8;

/**
 * Everybody who is connected, by organization, and the way from what happens to those who watch it. What happens in an
 * organization is collected and told together; nothing of it can reach a viewer of another one. Logs have a pace of their
 * own, because their readers wait for every line.
 */
@Injectable()
export class LiveAudience implements OnModuleDestroy {
  private readonly viewers = new Map<OrganizationId, Set<LiveViewer>>();
  private count = 0;
  private readonly changes: HintRound;
  private readonly growth: HintRound;
  private readonly unsubscribe: readonly (() => void)[];

  constructor(
    bus: EventBus,
    watchers: LogWatchers,
    readers: ReaderShare,
    @Inject(TIMING_SETTINGS) timing: TimingSettings,
  ) {
    const tell = (organizationId: OrganizationId, hints: Hints): void =>
      this.viewers.get(organizationId)?.forEach((viewer) => viewer.tell(hints));
    const longestMs = timing.logPeriodWatchedMs * HINT_PERIODS;
    this.changes = new HintRound(tell, () => longestMs);
    const growthMs = (): number =>
      Math.min(longestMs, this.count * (readers.isFlooded ? MS_PER_VIEWER_IN_A_FLOOD : MS_PER_VIEWER));
    this.growth = new HintRound(tell, growthMs);
    this.unsubscribe = [
      bus.on('job.changed', (hint) => this.changed(hint.organizationId, (box) => box.addJob(hint))),
      bus.on('log.appended', (hint) => {
        if (watchers.isWatchedHere(hint.jobId)) this.growth.collect(hint.organizationId, (box) => box.addLog(hint));
      }),
      bus.on('runner.changed', (hint) => this.changed(hint.organizationId, (box) => box.addRunners())),
      bus.on('module_run.changed', ({ organizationId }) => this.changed(organizationId, (box) => box.addRuns())),
      bus.on('scope_run.changed', ({ organizationId }) => this.changed(organizationId, (box) => box.addRuns())),
      // maintenance is everybody's, and pauses are rare: whoever watches them looks again
      bus.on('pauses.changed', () =>
        [...this.viewers.keys()].forEach((id) => this.changed(id, (box) => box.addPauses())),
      ),
    ];
  }

  add(viewer: LiveViewer): void {
    const { organizationId } = viewer.caller;
    const set = this.viewers.get(organizationId) ?? new Set();
    this.viewers.set(organizationId, set.add(viewer));
    this.count += 1;
  }

  remove(viewer: LiveViewer): void {
    const { organizationId } = viewer.caller;
    const set = this.viewers.get(organizationId);
    if (set?.delete(viewer)) this.count -= 1;
    if (set?.size === 0) this.viewers.delete(organizationId);
  }

  all(): LiveViewer[] {
    return [...this.viewers.values()].flatMap((set) => [...set]);
  }

  onModuleDestroy(): void {
    this.unsubscribe.forEach((end) => end());
    this.changes.stop();
    this.growth.stop();
  }

  private changed(organizationId: OrganizationId, add: (box: HintBox) => void): void {
    if (this.viewers.has(organizationId)) this.changes.collect(organizationId, add);
  }
}
