import type { ConnectedInstance, RunnerStanding } from './connected-instance.js';

/**
 * The live sessions of one runner record. Thousands of them may connect within seconds, and with each the record is read
 * anew; as long as it says the same, that must not cost a look at all of them.
 */
export class RunnerSessions {
  private readonly sessions = new Set<ConnectedInstance>();
  /** Not all of them stand as the first does. */
  private isMixed = false;

  add(instance: ConnectedInstance): void {
    this.isMixed ||= this.first !== undefined && !instance.standsAs(this.first.standing);
    this.sessions.add(instance);
  }

  /** @returns false: none is left */
  remove(instance: ConnectedInstance): boolean {
    this.sessions.delete(instance);
    return this.sessions.size > 0;
  }

  /** From now on all of them stand like this. @returns those that did not before */
  stand(standing: RunnerStanding): ConnectedInstance[] {
    if (!this.isMixed && (!this.first || this.first.standsAs(standing))) return [];
    const changed = [...this.sessions].filter((instance) => !instance.standsAs(standing));
    for (const instance of changed) instance.standing = standing;
    this.isMixed = false;
    return changed;
  }

  private get first(): ConnectedInstance | undefined {
    return this.sessions.values().next().value;
  }
}
