import { Injectable } from '@nestjs/common';
import { isTerminal } from '@dibs/shared';
import { EventBus } from '../events/event-bus.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { InstanceRegistry } from './instance-registry.js';
import type { AfterLoss } from './lost-attempt.repository.js';

/** Tells, after COMMIT, what became of jobs whose attempt ended: a requeued one is offered at once. */
@Injectable()
export class LossService {
  constructor(
    private readonly registry: InstanceRegistry,
    private readonly metrics: DispatchMetrics,
    private readonly bus: EventBus,
  ) {}

  tell(losses: readonly AfterLoss[]): void {
    for (const after of losses) {
      const { organizationId, jobId, attempt, instanceId, loss, state, reason, concurrencyKey } = after;
      this.registry.release(instanceId, jobId, attempt);
      if (loss !== null) this.metrics.attemptLost(loss, state === 'queued' ? 'requeue' : 'final');
      this.tellState(after);
      if (state === 'waiting') {
        const { wakeInMs } = after;
        this.bus.publish('job.waiting', { organizationId, jobId, concurrencyKey, wakeInMs });
      }
      this.bus.publish('job.changed', { organizationId, jobId, state, reason });
    }
  }

  private tellState(after: AfterLoss): void {
    const { organizationId, jobId, state, reason, lane, priority, rank, concurrencyKey, parentId } = after;
    if (state === 'queued') this.bus.publish('job.queued', { organizationId, jobId, lane, priority, rank });
    if (isTerminal(state)) {
      this.bus.publish('job.ended', { organizationId, jobId, state, reason, concurrencyKey, parentId });
    }
  }
}
