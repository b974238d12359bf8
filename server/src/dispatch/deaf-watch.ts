import { Injectable, Logger } from '@nestjs/common';
import { EventBus } from '../events/event-bus.js';
import type { ConnectedInstance } from './connected-instance.js';
import { Dispatcher } from './dispatcher.js';
import { refusedForNow } from './refusals.js';

/** Offers in a row without an answer after which an instance counts as deaf. */
const UNANSWERED_OFFERS = 3;

const IGNORES_OFFERS = 'It does not answer offers.';
const IGNORES_GRANTS = 'It does not take up the jobs that are granted to it.';
const NO_PONG = refusedForNow('E_UNAVAILABLE', 'This connection answers neither offers nor pings; connect again.');

/**
 * Instances that are connected and renew, but take no jobs: shown as unresponsive, asked last, and probed. A socket that
 * does not even answer a ping is closed, so that its runner comes back; any sign of life ends the suspicion.
 */
@Injectable()
export class DeafWatch {
  private readonly logger = new Logger(DeafWatch.name);

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly bus: EventBus,
  ) {
    dispatcher.onUnanswered = (instance) => this.ignoresOffer(instance);
  }

  /** An offer ran out. */
  ignoresOffer(instance: ConnectedInstance): void {
    instance.unanswered += 1;
    if (instance.unanswered >= UNANSWERED_OFFERS) this.suspect(instance, IGNORES_OFFERS);
  }

  /** Its renewals come, but do not name what was granted. */
  ignoresGrants(instance: ConnectedInstance): void {
    this.suspect(instance, IGNORES_GRANTS);
  }

  /** It claimed something, whatever became of the claim. */
  claims(instance: ConnectedInstance): void {
    instance.unanswered = 0;
    if (instance.deafness === IGNORES_OFFERS) this.tell(instance, null);
  }

  /** It named everything that was granted to it. */
  holdsAll(instance: ConnectedInstance): void {
    if (instance.deafness === IGNORES_GRANTS) this.tell(instance, null);
  }

  private suspect(instance: ConnectedInstance, deafness: string): void {
    if (instance.deafness !== null) return;
    const { instanceId } = instance.identity;
    this.logger.warn({ instanceId, reason: deafness }, 'a connected instance does not respond');
    this.tell(instance, deafness);
    void instance.link.isAlive().then((isAlive) => {
      if (!isAlive && instance.deafness !== null) instance.link.end(NO_PONG);
    });
  }

  private tell(instance: ConnectedInstance, deafness: string | null): void {
    instance.deafness = deafness;
    this.dispatcher.rematch(instance);
    const { organizationId, runnerId } = instance.identity;
    this.bus.publish('runner.changed', { organizationId, runnerId });
  }
}
