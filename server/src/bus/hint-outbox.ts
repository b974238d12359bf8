import type { DomainEvents } from '../events/domain-events.js';
import { HINT_NAMES, type Hint, type HintName } from './hint.js';

/** PostgreSQL takes 8,000 bytes in one notification. */
export const MAX_MESSAGE_BYTES = 7_900;
/** Above this many jobs of one lane in one flush the others are told to read the lane instead. */
const JOBS_TOLD_ONE_BY_ONE = 16;

/**
 * News that waits for the next flush. Of what is told twice only the latest is kept, so a job that runs through all its
 * states within one flush is one hint; many jobs of one lane become "read that lane".
 */
export class HintOutbox {
  private readonly byName = new Map<HintName, Map<string, Hint>>();
  private readonly queuedByLane = new Map<string, number>();

  get isEmpty(): boolean {
    return this.byName.size === 0;
  }

  add(...hint: Hint): void {
    const [name, event] = hint;
    if (name === 'job.queued' && this.isTooMany(event)) return this.put('lane.grown', event.lane, laneGrown(event));
    // who waits for the end of a job must not hear of what came before it last
    this.put(name, keyOf(hint), hint);
  }

  /**
   * Everything that waits, in messages of a size that one notification may have.
   *
   * @param envelope what goes around the hints of one message
   * @param maxMessages what does not fit in this many is dropped
   */
  take(envelope: (hints: readonly Hint[]) => string, maxMessages: number): { messages: string[]; dropped: number } {
    const room = MAX_MESSAGE_BYTES - Buffer.byteLength(envelope([]));
    const parts: Hint[][] = [];
    let [used, dropped] = [Infinity, 0];
    for (const hint of this.inOrder()) {
      const bytes = Buffer.byteLength(JSON.stringify(hint)) + 1;
      if (used + bytes > room && parts.length < maxMessages && bytes <= room) {
        parts.push([]);
        used = 0;
      }
      if (used + bytes > room) dropped += 1;
      else {
        parts.at(-1)!.push(hint);
        used += bytes;
      }
    }
    this.byName.clear();
    this.queuedByLane.clear();
    return { messages: parts.map(envelope), dropped };
  }

  private *inOrder(): Generator<Hint> {
    for (const name of HINT_NAMES) yield* this.byName.get(name)?.values() ?? [];
  }

  private isTooMany({ lane }: DomainEvents['job.queued']): boolean {
    const count = (this.queuedByLane.get(lane) ?? 0) + 1;
    this.queuedByLane.set(lane, count);
    return count > JOBS_TOLD_ONE_BY_ONE;
  }

  private put(name: HintName, key: string, hint: Hint): void {
    const hints = this.byName.get(name) ?? new Map<string, Hint>();
    this.byName.set(name, hints.set(key, hint));
  }
}

function laneGrown({ lane }: DomainEvents['job.queued']): Hint {
  return ['lane.grown', { lane }];
}

function keyOf([name, event]: Hint): string {
  switch (name) {
    case 'job.queued':
    case 'job.withdrawn':
    case 'job.changed':
    case 'log.appended':
    case 'log.watched':
      return event.jobId;
    case 'job.cancel-requested':
      return event.order.jobId;
    case 'runner.changed':
    case 'runner.revoked':
      return event.runnerId;
    case 'session.opened':
    case 'instance.drain-requested':
      return event.instanceId;
    case 'module.outputs_changed':
      // each version names what changed with it
      return `${event.moduleId}/${event.version}`;
    case 'module_run.changed':
    case 'scope_run.changed':
      return event.runId;
    case 'lane.grown':
      return event.lane;
    case 'pauses.changed':
      return '';
  }
}
