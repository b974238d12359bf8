import { setTimeout as delay } from 'node:timers/promises';
import type { Ack, Refusal } from '@dibs/shared';

const FIRST_MS = 2_000;
const LONGEST_MS = 30_000;

/** The reconnects of docs/protocol.md: full jitter, doubling, never before the server says. */
export class Backoff {
  private ceilingMs = FIRST_MS;

  async wait(retryAfterMs = 0): Promise<void> {
    await delay(Math.max(retryAfterMs, Math.random() * this.ceilingMs));
    this.ceilingMs = Math.min(LONGEST_MS, this.ceilingMs * 2);
  }

  reset(): void {
    this.ceilingMs = FIRST_MS;
  }
}

/** A refusal as an error, for those who have no use for it. */
export class Refused extends Error {
  constructor(readonly refusal: Refusal) {
    super(`${refusal.code}: ${refusal.message}`);
  }
}

/** @throws Refused */
export function answered<Success extends object>(ask: (ack: Ack<Success>) => unknown): Promise<Success> {
  return new Promise((resolve, reject) => {
    ask((reply: ({ readonly ok: true } & Success) | Refusal) =>
      reply.ok ? resolve(reply) : reject(new Refused(reply)),
    );
  });
}
