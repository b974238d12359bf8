import { Injectable } from '@nestjs/common';
import type { InstanceId, JobId } from '@dibs/shared';
import type { ConnectedInstance } from './connected-instance.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { Dispatcher } from './dispatcher.js';

/** The live sessions of this server and the jobs they hold. */
@Injectable()
export class InstanceRegistry {
  private readonly byId = new Map<InstanceId, ConnectedInstance>();
  private readonly holders = new Map<JobId, ConnectedInstance>();

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly metrics: DispatchMetrics,
  ) {}

  /** @returns the older session of the same instance, which is now replaced */
  connect(instance: ConnectedInstance, current: readonly JobId[]): ConnectedInstance | null {
    const older = this.byId.get(instance.identity.instanceId) ?? null;
    if (older) this.disconnect(older);
    this.byId.set(instance.identity.instanceId, instance);
    this.metrics.instancesConnected(this.byId.size);
    for (const jobId of current) this.hold(instance, jobId);
    this.dispatcher.connect(instance);
    return older;
  }

  disconnect(instance: ConnectedInstance): void {
    if (this.byId.get(instance.identity.instanceId) !== instance) return;
    this.byId.delete(instance.identity.instanceId);
    this.metrics.instancesConnected(this.byId.size);
    for (const jobId of instance.current.keys()) if (this.holders.get(jobId) === instance) this.holders.delete(jobId);
    this.dispatcher.disconnect(instance);
  }

  get(instanceId: InstanceId): ConnectedInstance | undefined {
    return this.byId.get(instanceId);
  }

  all(): Iterable<ConnectedInstance> {
    return this.byId.values();
  }

  holderOf(jobId: JobId): ConnectedInstance | undefined {
    return this.holders.get(jobId);
  }

  /** The current attempt of the job is this instance's: it uses a slot. */
  hold(instance: ConnectedInstance, jobId: JobId): void {
    // a claim can be answered after its session: nobody would ever release what is noted then
    if (this.byId.get(instance.identity.instanceId) !== instance) return;
    instance.current.set(jobId, performance.now());
    this.holders.set(jobId, instance);
  }

  /** The attempt is over: the slot is free for the best waiting job, at once. */
  release(instanceId: InstanceId, jobId: JobId): void {
    const instance = this.byId.get(instanceId);
    if (!instance?.current.delete(jobId)) return;
    if (this.holders.get(jobId) === instance) this.holders.delete(jobId);
    this.dispatcher.refresh(instance);
  }
}
