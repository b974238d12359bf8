import { Injectable } from '@nestjs/common';
import type { InstanceId, JobId, RunnerId } from '@dibs/shared';
import type { ConnectedInstance, Holding, RunnerStanding } from './connected-instance.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { Dispatcher } from './dispatcher.js';
import { RunnerSessions } from './runner-sessions.js';

/** An attempt that a new session goes on with. */
export interface CurrentJob {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly slots: number;
}

/** The live sessions of this server and the jobs they hold. */
@Injectable()
export class InstanceRegistry {
  private readonly byId = new Map<InstanceId, ConnectedInstance>();
  private readonly byRunner = new Map<RunnerId, RunnerSessions>();

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly metrics: DispatchMetrics,
  ) {}

  /** @returns the older session of the same instance, which is now replaced */
  connect(instance: ConnectedInstance, current: readonly CurrentJob[]): ConnectedInstance | null {
    const older = this.byId.get(instance.identity.instanceId) ?? null;
    if (older) this.disconnect(older);
    this.keep(instance);
    for (const { jobId, attempt, slots } of current) {
      instance.usedSlots += slots;
      instance.hold(jobId, slots, attempt);
    }
    this.dispatcher.connect(instance);
    return older;
  }

  /** From now on it is given jobs. */
  joined(instance: ConnectedInstance): void {
    instance.joining = false;
    this.dispatcher.refresh(instance);
  }

  disconnect(instance: ConnectedInstance): void {
    if (!this.isLive(instance)) return;
    this.drop(instance);
    this.dispatcher.disconnect(instance);
  }

  get(instanceId: InstanceId): ConnectedInstance | undefined {
    return this.byId.get(instanceId);
  }

  isLive(instance: ConnectedInstance): boolean {
    return this.byId.get(instance.identity.instanceId) === instance;
  }

  all(): Iterable<ConnectedInstance> {
    return this.byId.values();
  }

  /** Asked when somebody begins or ends to watch a log: too rarely for an index that every job would have to keep. */
  holderOf(jobId: JobId): ConnectedInstance | undefined {
    for (const instance of this.byId.values()) if (instance.current.has(jobId)) return instance;
    return undefined;
  }

  /**
   * The attempt is over: its slots are free for the best waiting job, at once.
   *
   * @param attempt a late word about an earlier one must not free the slots of the one that the instance holds now;
   *   null: whichever it holds
   * @returns what it held; null: nothing of it
   */
  release(instanceId: InstanceId, jobId: JobId, attempt: number | null = null): Holding | null {
    const instance = this.byId.get(instanceId);
    const holding = instance?.current.get(jobId);
    if (!instance || !holding) return null;
    if (attempt !== null && holding.attempt !== null && holding.attempt !== attempt) return null;
    instance.current.delete(jobId);
    this.dispatcher.giveBack(instance, holding.slots);
    return holding;
  }

  /** It was released too early: the attempt goes on. */
  holdAgain(instanceId: InstanceId, jobId: JobId, { slots, attempt }: Holding): void {
    const instance = this.byId.get(instanceId);
    if (!instance || instance.current.has(jobId)) return;
    instance.usedSlots += slots;
    instance.hold(jobId, slots, attempt);
    this.dispatcher.refresh(instance);
  }

  /** The runner record may have been edited. */
  runnerChanged(runnerId: RunnerId, standing: RunnerStanding): void {
    for (const instance of this.byRunner.get(runnerId)?.stand(standing) ?? []) this.dispatcher.rematch(instance);
  }

  private keep(instance: ConnectedInstance): void {
    const { instanceId, runnerId } = instance.identity;
    this.byId.set(instanceId, instance);
    const sessions = this.byRunner.get(runnerId) ?? new RunnerSessions();
    sessions.add(instance);
    this.byRunner.set(runnerId, sessions);
    this.metrics.instancesConnected(this.byId.size);
  }

  private drop(instance: ConnectedInstance): void {
    const { instanceId, runnerId } = instance.identity;
    this.byId.delete(instanceId);
    if (!this.byRunner.get(runnerId)?.remove(instance)) this.byRunner.delete(runnerId);
    this.metrics.instancesConnected(this.byId.size);
  }
}
