import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { InstanceId, SessionId } from '@dibs/shared';
import { InstanceRegistry } from '../dispatch/instance-registry.js';
import { refused } from '../dispatch/refusals.js';
import { EventBus } from '../events/event-bus.js';
import { SessionRepository } from './session.repository.js';

/**
 * An instance has connected to another server: its older socket here is ended at once, and not only at its next
 * renewal. The hint may be older than the session here, so the database says which of them counts.
 */
@Injectable()
export class ReplacedSessions implements OnModuleDestroy {
  private readonly logger = new Logger(ReplacedSessions.name);
  private readonly unsubscribe: () => void;

  constructor(
    bus: EventBus,
    private readonly registry: InstanceRegistry,
    private readonly sessions: SessionRepository,
  ) {
    this.unsubscribe = bus.on('session.opened', ({ instanceId, sessionId }) => this.opened(instanceId, sessionId));
  }

  onModuleDestroy(): void {
    this.unsubscribe();
  }

  private opened(instanceId: InstanceId, sessionId: SessionId): void {
    const here = this.registry.get(instanceId);
    if (!here || here.identity.sessionId === sessionId) return;
    this.sessions
      .find(here.identity)
      .then((known) => {
        if (known?.sessionId === here.identity.sessionId) return;
        here.link.end(refused('E_DUPLICATE_INSTANCE', 'This instance has connected anew.'));
      })
      .catch((error: unknown) => this.logger.debug({ err: error }, 'a replaced session could not be looked up'));
  }
}
