import { Injectable } from '@nestjs/common';
import type { SourceSeen } from '@dibs/shared';
import { SourceSeenMessage, readMessage } from '@dibs/shared/messages';
import type { ConnectedInstance } from '../dispatch/connected-instance.js';
import { InstanceRegistry } from '../dispatch/instance-registry.js';
import { fits } from '../domain/dispatch/eligibility.js';
import type { LaneRequirements } from '../domain/dispatch/lanes.js';
import type { WatchedSource } from './source-watch.repository.js';

/** A repository that takes longer to say which commits it has is not there. */
const LOOK_MS = 25_000;
/** For the way there and back, and for ending what runs too long. */
const MARGIN_MS = 5_000;

/** Asks runners which commit a source is now: those that are connected to this server. */
@Injectable()
export class SourceLooker {
  private readonly looking = new WeakMap<ConnectedInstance, number>();

  constructor(private readonly registry: InstanceRegistry) {}

  /** @returns the one that looks at the fewest, and rather one that answers offers; `busy`: those that may look at enough; null: none may that is connected here */
  find(requirements: LaneRequirements): ConnectedInstance | 'busy' | null {
    const able = [...this.registry.all()].filter((instance) => mayLook(instance, requirements));
    const [best] = able.sort(
      (a, b) => Number(a.unresponsive) - Number(b.unresponsive) || this.countOf(a) - this.countOf(b),
    );
    if (best === undefined) return null;
    return this.countOf(best) < best.looksAtOnce ? best : 'busy';
  }

  async ask(instance: ConnectedInstance, { url, revision, versions }: WatchedSource): Promise<SourceSeen> {
    this.looking.set(instance, this.countOf(instance) + 1);
    try {
      const question = { url, revision, versions, timeoutMs: LOOK_MS };
      return checked(await instance.link.look(question, LOOK_MS + MARGIN_MS));
    } catch {
      return { commit: null, problem: 'the runner did not answer in time' };
    } finally {
      this.looking.set(instance, this.countOf(instance) - 1);
    }
  }

  private countOf(instance: ConnectedInstance): number {
    return this.looking.get(instance) ?? 0;
  }
}

/** Whether it would be given a job of the module, but for free slots and the engine: nothing is run. */
export function mayLook(instance: ConnectedInstance, requirements: LaneRequirements): boolean {
  const { draining, runnerDisabled, paused, looksAtOnce } = instance;
  if (looksAtOnce === 0 || draining || runnerDisabled || paused !== null) return false;
  return fits(instance, requirements).eligible;
}

/** What came over the wire may be anything. */
function checked(answer: unknown): SourceSeen {
  const read = readMessage(SourceSeenMessage, answer);
  if (!read.ok || (read.message.commit === null) === (read.message.problem === null)) {
    return { commit: null, problem: 'the runner gave an answer that is none' };
  }
  return read.message;
}
