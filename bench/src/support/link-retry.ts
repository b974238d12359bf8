import { setTimeout as delay } from 'node:timers/promises';
import type { Ack, Refusal } from '@dibs/shared';

const FIRST_MS = 2_000;
const LONGEST_MS = 30_000;

/** The reconnects of docs/protocol.md: full jitter below the length of the outage, never before the server says. */
export class Backoff {
  private outSinceMs: number | null = null;

  async wait(retryAfterMs = 0): Promise<void> {
    this.outSinceMs ??= performance.now();
    const boundMs = Math.min(LONGEST_MS, Math.max(FIRST_MS, performance.now() - this.outSinceMs));
    await delay(retryAfterMs + Math.random() * boundMs);
  }

  reset(): void {
    this.outSinceMs = null;
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
