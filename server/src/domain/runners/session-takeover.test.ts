import { describe, expect, test } from '@jest/globals';
import { decideTakeover, type ExistingSession, type SocketHealth } from './session-takeover.js';

const existing: ExistingSession = { bootId: 'boot-a', sessionId: 'session-a', silentMs: 1_000 };
const offlineAfterMs = 30_000;
const decide = (session: ExistingSession | null, bootId: string, health: SocketHealth) =>
  decideTakeover(session, bootId, health, offlineAfterMs);

describe('decideTakeover', () => {
  test('accepts a name never seen', () => {
    expect(decide(null, 'boot-a', 'elsewhere')).toEqual({ kind: 'accept' });
  });

  test('accepts another process when the last one is disconnected', () => {
    expect(decide({ ...existing, sessionId: null }, 'boot-b', 'elsewhere')).toEqual({ kind: 'accept' });
  });

  test.each(['alive', 'dead', 'elsewhere'] as const)('lets a process replace its own socket (%s)', (health) => {
    expect(decide(existing, 'boot-a', health)).toEqual({ kind: 'accept' });
  });

  test('refuses a second process while the first answers, however long it was silent', () => {
    expect(decide({ ...existing, silentMs: 60_000 }, 'boot-b', 'alive')).toEqual({
      kind: 'refuse',
      retryAfterMs: offlineAfterMs,
    });
  });

  test('lets a second process in at once when the socket of the first is dead', () => {
    expect(decide(existing, 'boot-b', 'dead')).toEqual({ kind: 'accept' });
  });

  test('waits for a session of another server to go stale', () => {
    expect(decide(existing, 'boot-b', 'elsewhere')).toEqual({ kind: 'refuse', retryAfterMs: 29_000 });
    expect(decide({ ...existing, silentMs: 30_000 }, 'boot-b', 'elsewhere')).toEqual({ kind: 'accept' });
  });
});
