import { Injectable, Logger } from '@nestjs/common';
import type { DomainEvents } from './domain-events.js';

type Listener<Name extends keyof DomainEvents> = (event: DomainEvents[Name]) => void;

/** Typed events inside this process. Publishing is synchronous and never throws: a listener's error is logged. */
@Injectable()
export class EventBus {
  private readonly logger = new Logger(EventBus.name);
  private readonly listeners = new Map<keyof DomainEvents, Set<Listener<never>>>();

  publish<Name extends keyof DomainEvents>(name: Name, event: DomainEvents[Name]): void {
    for (const listener of this.listeners.get(name) ?? []) {
      try {
        (listener as Listener<Name>)(event);
      } catch (error) {
        this.logger.error({ err: error, event: name }, 'a listener failed');
      }
    }
  }

  /** @returns a function that ends the subscription */
  on<Name extends keyof DomainEvents>(name: Name, listener: Listener<Name>): () => void {
    const set = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, set);
    set.add(listener);
    return () => void set.delete(listener);
  }
}
