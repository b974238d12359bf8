import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { submitViolations } from './support/checker.js';
import { Installation } from './support/installation.js';

const CALLERS = 8;
const SUBMITS_EACH = 25;

let installation: Installation;
beforeEach(async () => {
  installation = await Installation.start({ timeScale: 0.3 });
});
afterEach(() => installation.stop());

/** Repeats a submit with its key until it is answered, as a pipeline does. */
async function submitUntilAnswered(key: string): Promise<string> {
  for (;;) {
    try {
      return (await installation.api.submit({ name: key, steps: [{ run: 'true' }] }, { 'idempotency-key': key })).id;
    } catch (error) {
      // refused connections and 503 are the server being dead; anything else is a finding
      if (error instanceof Error && / (4\d\d|500) /.test(error.message)) throw error;
      await delay(50);
    }
  }
}

test('every accepted submit is there after kill -9 of the server, and one key is one job', async () => {
  const submitted = new Map<string, string>();
  const callers = Array.from({ length: CALLERS }, async () => {
    for (let count = 0; count < SUBMITS_EACH; count += 1) {
      const key = randomUUID();
      submitted.set(key, await submitUntilAnswered(key));
    }
  });
  for (const share of [0.25, 0.6]) {
    while (submitted.size < CALLERS * SUBMITS_EACH * share) await delay(5);
    await installation.killServer();
    await installation.startServerAgain();
  }
  await Promise.all(callers);

  expect(new Set(submitted.values()).size).toBe(CALLERS * SUBMITS_EACH);
  // a key again is the same job: a repeat whose first answer was lost did not make another
  expect(submitViolations([...submitted.values()], await installation.api.jobs(), 0)).toEqual([]);
  const [key, id] = [...submitted][0]!;
  expect(await submitUntilAnswered(key)).toBe(id);
  await expect(
    installation.api.submit({ name: 'another', steps: [{ run: 'false' }] }, { 'idempotency-key': key }),
  ).rejects.toThrow(/ 422 /);
});
