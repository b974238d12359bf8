import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { QueueRepository } from '../dispatch/queue.repository.js';
import type { Lane } from '../domain/dispatch/lanes.js';
import { EventBus } from '../events/event-bus.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { LaneJudge } from './lane-judge.js';
import { LaneWarningRepository, type WarnedLane } from './lane-warning.repository.js';

/** Lanes judged in one step. */
const LANES_AT_ONCE = 500;
/** A warning must be there within six sweeps; two leave room for a slow one. */
const SWEEPS_BETWEEN = 2;
/** When a runner has changed: so much sooner than the next sweep. */
const HURRY = 20;

/**
 * Raises lanes whose jobs no known instance of an enabled runner could ever take, and clears them when one appears.
 * The cost is that of the lanes nobody here serves: a lane with a million jobs is one row (docs/decisions/0010).
 */
@Injectable()
export class LaneWarnerService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(LaneWarnerService.name);
  private readonly unsubscribe: () => void;
  private readonly raised;
  private readonly standing;
  private timer: NodeJS.Timeout | null = null;
  private hurry: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private again = false;
  private stopped = false;
  private hasWarnings = false;

  constructor(
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
    private readonly queue: QueueRepository,
    private readonly dispatcher: Dispatcher,
    private readonly judge: LaneJudge,
    private readonly warnings: LaneWarningRepository,
    private readonly bus: EventBus,
    metrics: Metrics,
  ) {
    this.raised = metrics.counter('dibs_lane_warnings_total', 'Lanes raised because no known runner fits their jobs');
    this.standing = metrics.gauge('dibs_lanes_without_runner', 'Lanes with queued jobs that no known runner fits');
    // somebody new may fit what nobody did; otherwise the next look is soon enough
    this.unsubscribe = bus.on('runner.changed', () => this.hasWarnings && this.soon());
  }

  onApplicationBootstrap(): void {
    this.next(0);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    this.unsubscribe();
    clearTimeout(this.timer ?? undefined);
    clearTimeout(this.hurry ?? undefined);
    await this.running;
  }

  /** Looks now, or once more after the look that is under way. Never rejects. */
  check(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    if (this.running !== null) this.again = true;
    this.running ??= this.look().finally(() => (this.running = null));
    return this.running;
  }

  /** Shortly, so that a thousand runners that come at once are one look. */
  private soon(): void {
    if (this.stopped) return;
    this.hurry ??= setTimeout(() => {
      this.hurry = null;
      void this.check();
    }, this.timing.sweepEveryMs / HURRY);
  }

  private next(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      void this.check().then(() => this.next(SWEEPS_BETWEEN * this.timing.sweepEveryMs));
    }, delayMs);
  }

  private async look(): Promise<void> {
    do {
      this.again = false;
      try {
        await this.lookOnce();
      } catch (error) {
        if (!this.stopped) this.logger.warn({ err: error }, 'lanes that nobody serves could not be looked for');
      }
    } while (this.again && !this.stopped);
  }

  private async lookOnce(): Promise<void> {
    const before = new Set((await this.warnings.current()).map(({ lane }) => lane));
    const hopeless = new Set<string>();
    for (let after = ''; !this.stopped;) {
      const lanes = await this.queue.lanes(after, LANES_AT_ONCE);
      const unserved = lanes.filter((lane) => !this.isServedHere(lane));
      const found = await this.judge.hopeless(await this.queue.describe(unserved));
      for (const { fingerprint } of found) hopeless.add(fingerprint);
      const fresh = found.filter(({ fingerprint }) => !before.has(fingerprint));
      await this.tell(await this.warnings.raise(fresh.map(toWarned)), 'no_matching_runner');
      if (lanes.length < LANES_AT_ONCE) break;
      after = lanes.at(-1)!;
    }
    if (this.stopped) return;
    await this.tell(await this.warnings.clear([...before].filter((lane) => !hopeless.has(lane))), null);
    this.standing.set(hopeless.size);
    this.hasWarnings = hopeless.size > 0;
    if (before.size === 0) await this.warnings.forget();
  }

  private isServedHere(fingerprint: string): boolean {
    return (this.dispatcher.laneOf(fingerprint)?.fitting.size ?? 0) > 0;
  }

  /** Lists and pages look again; those of a long lane that are not told find it with their next look. */
  private async tell(lanes: readonly WarnedLane[], reason: 'no_matching_runner' | null): Promise<void> {
    if (reason !== null) this.raised.inc(lanes.length);
    for (const { organizationId, lane } of lanes) {
      this.logger.log({ lane, organizationId, reason }, reason ? 'no runner fits a lane' : 'a lane is served again');
      for (const jobId of await this.warnings.headOf(lane)) {
        this.bus.publish('job.changed', { organizationId, jobId, state: 'queued', reason });
      }
    }
  }
}

function toWarned({ fingerprint, requirements }: Lane): WarnedLane {
  return { organizationId: requirements.organizationId, lane: fingerprint };
}
