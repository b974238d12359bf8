import { Injectable } from '@nestjs/common';
import type { CancelMode } from '@dibs/shared';
import { isTerminal } from '@dibs/shared';
import { Database, type Queryable } from '../database/database.js';
import { PauseBook } from '../dispatch/pause-book.js';
import { nextFanOutStep, type FanOutStep } from '../domain/job/fan-out.js';
import { EventBus } from '../events/event-bus.js';
import { ChildrenMaker } from './children-maker.js';
import {
  FanOutRepository,
  type CanceledChild,
  type LockedParent,
  type ParentKey,
  type ReleasedChild,
} from './fan-out.repository.js';

/** Children canceled in one transaction, so that none holds many locks for long. */
const CANCELED_AT_ONCE = 500;

type End = Extract<FanOutStep, { kind: 'end' }>;
type EndedParent = { readonly state: End['state']; readonly reason: End['reason'] | 'secrets_unreadable' };

/** What one look at a parent has changed, to be told after COMMIT. */
interface Driven {
  readonly parent: LockedParent;
  readonly released: readonly ReleasedChild[];
  readonly canceled: readonly CanceledChild[];
  readonly ended: EndedParent | null;
}

const NOTHING: Omit<Driven, 'parent'> = { released: [], canceled: [], ended: null };

/**
 * Drives a fan-out by what the rows say at this moment: makes the children, lets the next of them begin, cancels them,
 * ends the parent. Every look takes the parent's lock first, so any server may look at any time, as often as it likes.
 */
@Injectable()
export class FanOutService {
  constructor(
    private readonly database: Database,
    private readonly fanOuts: FanOutRepository,
    private readonly children: ChildrenMaker,
    private readonly pauses: PauseBook,
    private readonly bus: EventBus,
  ) {}

  async drive(key: ParentKey): Promise<void> {
    for (;;) {
      const driven = await this.database.transaction((tx) => this.look(tx, key));
      if (driven === null) return;
      this.tell(driven);
      if (driven.canceled.length < CANCELED_AT_ONCE) return;
    }
  }

  private async look(tx: Queryable, key: ParentKey): Promise<Driven | null> {
    const parent = await this.fanOuts.lock(tx, key);
    if (parent === null) return null;
    let plan = await this.fanOuts.plan(tx, key);
    // each child has a lane of its own, so a pause of the one that the parent shows can only be kept here
    const isHeld = this.pauses.holdsLane(parent.organizationId, parent.lane) !== null;
    if (isHeld && plan === null && parent.cancelMode === null) return { parent, ...NOTHING };
    if (plan === null && parent.cancelMode === null) {
      const made = await this.children.make(tx, parent);
      if (made === 'secrets_unreadable') return this.end(tx, parent, { state: 'failed', reason: made }, []);
      plan = await this.fanOuts.plan(tx, key);
    }
    const canceled = await this.cancelChildren(tx, parent, parent.cancelMode);
    const { byState, waitingForTurn } = await this.fanOuts.count(tx, key);
    const cancelRequested = parent.cancelMode !== null;
    const step = nextFanOutStep(byState, waitingForTurn, { batchSize: plan?.batchSize ?? null, cancelRequested });
    if (step.kind === 'end') return this.end(tx, parent, step, canceled);
    const released = step.release > 0 && !isHeld ? await this.fanOuts.release(tx, key, step.release) : [];
    return { parent, released, canceled, ended: null };
  }

  private async cancelChildren(
    tx: Queryable,
    parent: LockedParent,
    mode: CancelMode | null,
  ): Promise<readonly CanceledChild[]> {
    return mode === null ? [] : this.fanOuts.cancel(tx, parent, mode, CANCELED_AT_ONCE);
  }

  private async end(
    tx: Queryable,
    parent: LockedParent,
    ended: EndedParent,
    canceled: readonly CanceledChild[],
  ): Promise<Driven> {
    await this.fanOuts.end(tx, parent, ended);
    return { parent, released: [], canceled, ended };
  }

  private tell({ parent, released, canceled, ended }: Driven): void {
    const { organizationId, jobId: parentId, concurrencyKey } = parent;
    for (const { state, reason, ...child } of released) {
      const { jobId } = child;
      if (state === 'queued') this.bus.publish('job.queued', { organizationId, ...child });
      else this.bus.publish('job.waiting', { organizationId, jobId, concurrencyKey: null, wakeInMs: null });
      this.bus.publish('job.changed', { organizationId, jobId, state, reason });
    }
    for (const child of canceled) this.tellCanceled(parent, child);
    if (ended === null) return;
    const { state, reason } = ended;
    this.bus.publish('job.changed', { organizationId, jobId: parentId, state, reason });
    this.bus.publish('job.ended', { organizationId, jobId: parentId, state, reason, concurrencyKey, parentId: null });
  }

  private tellCanceled({ organizationId, jobId: parentId, cancelMode }: LockedParent, child: CanceledChild): void {
    const { jobId, state, reason, attempt, instanceId } = child;
    this.bus.publish('job.changed', { organizationId, jobId, state, reason });
    if (isTerminal(state)) {
      this.bus.publish('job.withdrawn', { jobId });
      this.bus.publish('job.ended', { organizationId, jobId, state, reason, concurrencyKey: null, parentId });
    } else if (instanceId !== null && cancelMode !== null) {
      this.bus.publish('job.cancel-requested', { instanceId, order: { jobId, attempt, mode: cancelMode } });
    }
  }
}
