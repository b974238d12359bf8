import { Injectable } from '@nestjs/common';
import { Metrics } from '../platform/metrics/metrics.js';

/** What the dispatcher knows of at this moment. */
export interface DispatchCounts {
  readonly lanes: number;
  readonly waiting: number;
  readonly freeSlots: number;
}

/** What operators see of dispatch on /metrics. */
@Injectable()
export class DispatchMetrics {
  private readonly offers;
  private readonly claims;
  private readonly wait;
  private readonly grants;
  private readonly ended;
  private readonly connected;
  /** Set by the dispatcher; asked for each scrape. */
  counts: () => DispatchCounts = () => ({ lanes: 0, waiting: 0, freeSlots: 0 });

  constructor(metrics: Metrics) {
    this.offers = metrics.counter('dibs_offers_total', 'Offers sent to runner instances');
    this.claims = metrics.counter('dibs_claims_total', 'Answered claims', ['result']);
    this.grants = metrics.counter('dibs_grants_total', 'Jobs matched with standing claims', ['result']);
    this.wait = metrics.histogram(
      'dibs_dispatch_wait_seconds',
      'Time from queued to claimed, by the clock of the database',
      [],
      [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120, 600, 3_600],
    );
    this.ended = metrics.counter('dibs_attempts_lost_total', 'Attempts that ended as lost', ['reason', 'then']);
    this.connected = metrics.gauge('dibs_instances_connected', 'Runner instances with a live session on this server');
    const gauge = (name: string, help: string, of: keyof DispatchCounts): void =>
      void metrics.gauge(name, help, [], (each) => each.set(this.counts()[of]));
    gauge('dibs_lanes', 'Lanes that this server keeps in memory', 'lanes');
    gauge('dibs_jobs_waiting', 'Queued jobs in the windows of this server; more may be in the database', 'waiting');
    gauge('dibs_slots_free', 'Slots of connected instances that could be given a job', 'freeSlots');
  }

  offersSent(count: number): void {
    if (count > 0) this.offers.inc(count);
  }

  claimAnswered(result: 'won' | 'repeated' | 'lost' | 'refused'): void {
    this.claims.inc({ result });
  }

  granted(count: number): void {
    this.grants.inc({ result: 'won' }, count);
  }

  /** Another server took the job, or somebody canceled it meanwhile. */
  grantLost(): void {
    this.grants.inc({ result: 'lost' });
  }

  dispatched(waitedMs: number): void {
    this.wait.observe(Math.max(0, waitedMs) / 1_000);
  }

  attemptLost(reason: string, then: 'requeue' | 'final'): void {
    this.ended.inc({ reason, then });
  }

  instancesConnected(count: number): void {
    this.connected.set(count);
  }
}
