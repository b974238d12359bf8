import { Injectable } from '@nestjs/common';
import { EventBus } from '../events/event-bus.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { InstanceRegistry } from './instance-registry.js';
import type { AfterLoss } from './lost-attempt.repository.js';

/** Tells, after COMMIT, what became of jobs whose attempt was lost: a requeued one is offered at once. */
@Injectable()
export class LossService {
  constructor(
    private readonly registry: InstanceRegistry,
    private readonly metrics: DispatchMetrics,
    private readonly bus: EventBus,
  ) {}

  tell(losses: readonly AfterLoss[]): void {
    for (const { organizationId, jobId, instanceId, state, reason, lane, priority, rank } of losses) {
      this.registry.release(instanceId, jobId);
      this.metrics.attemptLost(reason, state === 'queued' ? 'requeue' : 'final');
      if (state === 'queued') this.bus.publish('job.queued', { organizationId, jobId, lane, priority, rank });
      this.bus.publish('job.changed', { organizationId, jobId, state, reason });
    }
  }
}
