import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { OrganizationId } from '@dibs/shared';
import { EventBus } from '../events/event-bus.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { HintBox } from './hint-box.js';
import type { LiveViewer } from './live-viewer.js';
import { Throttle } from './throttle.js';

/** Twice the period in which a watched log is shipped: 100 ms. */
const HINT_PERIODS = 2;

/**
 * Everybody who is connected, by organization, and the way from what happens to those who watch it. What happens in an
 * organization is collected in one box and told together; nothing of it can reach a viewer of another one.
 */
@Injectable()
export class LiveAudience implements OnModuleDestroy {
  private readonly viewers = new Map<OrganizationId, Set<LiveViewer>>();
  private readonly boxes = new Map<OrganizationId, HintBox>();
  private readonly throttle: Throttle;
  private readonly unsubscribe: readonly (() => void)[];

  constructor(bus: EventBus, @Inject(TIMING_SETTINGS) timing: TimingSettings) {
    this.throttle = new Throttle(() => this.tellAll(), timing.logPeriodWatchedMs * HINT_PERIODS);
    this.unsubscribe = [
      bus.on('job.changed', (hint) => this.collect(hint.organizationId, (box) => box.addJob(hint))),
      bus.on('log.appended', (hint) => this.collect(hint.organizationId, (box) => box.addLog(hint))),
      bus.on('runner.changed', (hint) => this.collect(hint.organizationId, (box) => box.addRunners())),
      // maintenance is everybody's, and pauses are rare: whoever watches them looks again
      bus.on('pauses.changed', () =>
        [...this.viewers.keys()].forEach((id) => this.collect(id, (box) => box.addPauses())),
      ),
    ];
  }

  add(viewer: LiveViewer): void {
    const { organizationId } = viewer.caller;
    const set = this.viewers.get(organizationId) ?? new Set();
    this.viewers.set(organizationId, set.add(viewer));
  }

  remove(viewer: LiveViewer): void {
    const { organizationId } = viewer.caller;
    const set = this.viewers.get(organizationId);
    set?.delete(viewer);
    if (set?.size === 0) this.viewers.delete(organizationId);
  }

  all(): LiveViewer[] {
    return [...this.viewers.values()].flatMap((set) => [...set]);
  }

  onModuleDestroy(): void {
    this.unsubscribe.forEach((end) => end());
    this.throttle.stop();
  }

  private collect(organizationId: OrganizationId, add: (box: HintBox) => void): void {
    if (!this.viewers.has(organizationId)) return;
    const box = this.boxes.get(organizationId) ?? new HintBox();
    this.boxes.set(organizationId, box);
    add(box);
    this.throttle.ask();
  }

  private tellAll(): void {
    for (const [organizationId, box] of this.boxes) {
      const hints = box.take();
      this.viewers.get(organizationId)?.forEach((viewer) => viewer.tell(hints));
    }
    this.boxes.clear();
  }
}
