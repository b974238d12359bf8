import type { ConnectedInstance } from './connected-instance.js';
import { SampledSet } from './sampled-set.js';

interface Tier {
  readonly score: number;
  readonly members: SampledSet<ConnectedInstance>;
}

/**
 * The instances that could take a job of one lane right now, by how much the lane prefers them. There are few
 * different scores, so tiers are a short list, best first.
 */
export class FreeInstances {
  private readonly tiers: Tier[] = [];

  constructor(private readonly random: () => number) {}

  /** Empty tiers are dropped at once, so the first one always has a member. */
  get isEmpty(): boolean {
    return this.tiers.length === 0;
  }

  get size(): number {
    return this.tiers.reduce((sum, tier) => sum + tier.members.size, 0);
  }

  add(instance: ConnectedInstance, score: number): void {
    let index = 0;
    while (index < this.tiers.length && this.tiers[index]!.score > score) index += 1;
    if (this.tiers[index]?.score !== score) {
      this.tiers.splice(index, 0, { score, members: new SampledSet(this.random) });
    }
    this.tiers[index]!.members.add(instance);
  }

  delete(instance: ConnectedInstance, score: number): void {
    const index = this.tiers.findIndex((tier) => tier.score === score);
    const members = this.tiers[index]?.members;
    members?.delete(instance);
    if (members?.size === 0) this.tiers.splice(index, 1);
  }

  /**
   * The less loaded of two members of the best tier ("power of two choices"): nearly as even as looking at everybody,
   * at a cost that does not depend on how many there are. Must not be empty.
   */
  pick(): ConnectedInstance {
    const { members } = this.tiers[0]!;
    const one = members.any();
    if (members.size === 1) return one;
    const other = members.any();
    return other.load < one.load ? other : one;
  }

  /** Up to `count` different members that pass, better tiers first, at random within one. */
  sample(count: number, passes: (instance: ConnectedInstance) => boolean): ConnectedInstance[] {
    const chosen: ConnectedInstance[] = [];
    for (const { members } of this.tiers) {
      if (chosen.length >= count) break;
      chosen.push(...members.sample(count - chosen.length, passes));
    }
    return chosen;
  }
}
