import { describe, expect, test } from '@jest/globals';
import type { Renewed, Reply } from '@dibs/shared';
import { pino } from 'pino';
import { LeaseRenewer } from './lease-renewer.js';

const RENEWED: Reply<Renewed> = { ok: true, fenced: [], cancels: [], watched: [], drain: false };
const AWAY: Reply<Renewed> = { ok: false, code: 'E_UNAVAILABLE', message: '', retryable: true, retryAfterMs: 5 };

describe('LeaseRenewer', () => {
  test('asks again when the server says, because the leases may not outlast a whole period', async () => {
    const answers = [AWAY, AWAY, RENEWED];
    await new Promise<void>((resolve) => {
      const renewer = new LeaseRenewer({
        link: {
          isUp: true,
          request: () => Promise.resolve(answers.shift() ?? RENEWED),
          reset: () => Promise.resolve(),
        },
        snapshot: () => ({ held: [], freeSlots: 1, draining: false }),
        onRenewed: () => {
          renewer.stop();
          resolve();
        },
        log: pino({ level: 'silent' }),
      });
      renewer.start({ renewEveryMs: 3_600_000, trustMs: 3_600_000 });
    });
    expect(answers).toEqual([]);
  });
});
