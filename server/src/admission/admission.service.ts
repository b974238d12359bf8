import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { OrganizationId } from '@dibs/shared';
import { EventBus } from '../events/event-bus.js';
import { AdmissionRepository, type Admitted, type SupersededJob, type Target } from './admission.repository.js';
import { OrganizationQuotas } from './organization-quotas.js';
import { WakeTimer } from './wake-timer.js';

/** Targets of one transaction, so that no promotion holds many locks for long. */
const TARGETS_AT_ONCE = 100;
const WOKEN_AT_ONCE = 500;
const BEFORE_ALL: Target = { organizationId: '00000000-0000-0000-0000-000000000000' as OrganizationId, key: '' };

/**
 * Lets waiting jobs into the queue. Whatever may have made room (a submit, an end, a changed quota, a pause that is
 * over) names a target; what is named while a promotion runs goes together into the next one. All of these are hints:
 * the sweep looks at every target.
 */
@Injectable()
export class AdmissionService implements OnModuleDestroy {
  private readonly logger = new Logger(AdmissionService.name);
  private readonly asked = new Map<string, Target>();
  private readonly subscriptions: readonly (() => void)[];
  private readonly timer = new WakeTimer(() => void this.wakeNow());
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(
    private readonly repository: AdmissionRepository,
    private readonly quotas: OrganizationQuotas,
    private readonly bus: EventBus,
  ) {
    this.subscriptions = [
      bus.on('job.waiting', ({ organizationId, concurrencyKey, wakeInMs }) => {
        this.ask(organizationId, concurrencyKey);
        if (wakeInMs !== null) this.timer.atLatestIn(wakeInMs);
      }),
      bus.on('job.ended', ({ organizationId, concurrencyKey }) => this.ask(organizationId, concurrencyKey)),
    ];
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    this.timer.stop();
    this.subscriptions.forEach((unsubscribe) => unsubscribe());
    this.asked.clear();
    await this.running;
  }

  /** Somebody may fit now. @param key null: nothing but a quota could hold jobs back */
  ask(organizationId: OrganizationId, key: string | null): void {
    if (this.stopped || (key === null && !this.quotas.has(organizationId))) return;
    this.add({ organizationId, key: key ?? '' });
  }

  /** The quota of an organization is another one; without one, everybody it held back may go. */
  async quotaChanged(organizationId: OrganizationId): Promise<void> {
    await this.quotas.refresh();
    this.add({ organizationId, key: '' });
  }

  /** Finds whatever a lost event would have told. */
  async sweep(): Promise<void> {
    await this.quotas.refresh();
    await this.wake();
    for (let after: Target | null = BEFORE_ALL; after !== null && !this.stopped;) {
      const found: (Target & { readonly roomy: boolean })[] = await this.repository.discover(after, TARGETS_AT_ONCE);
      const roomy = found.filter((target) => target.roomy);
      if (roomy.length > 0) await this.admit(roomy);
      after = found.length < TARGETS_AT_ONCE ? null : (found.at(-1) ?? null);
    }
  }

  private add(target: Target): void {
    if (this.stopped) return;
    this.asked.set(`${target.organizationId}/${target.key}`, target);
    this.running ??= this.work().finally(() => (this.running = null));
  }

  private async work(): Promise<void> {
    // a tick later, so that what one batch of results makes room for is looked at together
    await new Promise((resolve) => setImmediate(resolve));
    while (this.asked.size > 0 && !this.stopped) {
      const batch = [...this.asked].slice(0, TARGETS_AT_ONCE);
      for (const [name] of batch) this.asked.delete(name);
      try {
        await this.admit(batch.map(([, target]) => target));
      } catch (error) {
        if (!this.stopped) this.logger.warn({ err: error }, 'waiting jobs could not be let in; the sweep tries again');
      }
    }
  }

  private async admit(targets: readonly Target[]): Promise<void> {
    for (let more = true; more && !this.stopped;) {
      const admitted = await this.repository.admit(targets);
      this.tell(admitted);
      more = admitted.more;
    }
  }

  private async wakeNow(): Promise<void> {
    try {
      await this.wake();
    } catch (error) {
      if (!this.stopped) this.logger.warn({ err: error }, 'paused jobs could not be woken; the sweep tries again');
    }
  }

  private async wake(): Promise<void> {
    for (let found = WOKEN_AT_ONCE; found === WOKEN_AT_ONCE && !this.stopped;) {
      const woken = await this.repository.wake(WOKEN_AT_ONCE);
      found = woken.length;
      for (const { state, reason, concurrencyKey, ...job } of woken) {
        const { organizationId, jobId } = job;
        if (state === 'queued') this.bus.publish('job.queued', job);
        else this.add({ organizationId, key: concurrencyKey ?? '' });
        this.bus.publish('job.changed', { organizationId, jobId, state, reason });
      }
    }
    const inMs = await this.repository.nextWakeInMs();
    if (inMs !== null) this.timer.atLatestIn(inMs);
  }

  private tell({ promoted, superseded }: Admitted): void {
    for (const job of superseded) this.tellSuperseded(job);
    for (const { state, reason, ...job } of promoted) {
      const { organizationId, jobId } = job;
      if (state === 'queued') this.bus.publish('job.queued', job);
      this.bus.publish('job.changed', { organizationId, jobId, state, reason });
    }
  }

  /** As after an operator's cancel. */
  private tellSuperseded(job: SupersededJob): void {
    const { organizationId, jobId, state, reason, attempt, instanceId, concurrencyKey, parentId } = job;
    if (state === 'canceled') {
      this.bus.publish('job.withdrawn', { jobId });
      this.bus.publish('job.ended', { organizationId, jobId, state, reason, concurrencyKey, parentId });
    } else if (instanceId !== null) {
      this.bus.publish('job.cancel-requested', { instanceId, order: { jobId, attempt, mode: 'graceful' } });
    }
    this.bus.publish('job.changed', { organizationId, jobId, state, reason });
  }
}
