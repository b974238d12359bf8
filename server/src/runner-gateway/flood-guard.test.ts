import { describe, expect, test } from '@jest/globals';
import { FloodGuard } from './flood-guard.js';

function guardAt(clock: { ms: number }): FloodGuard {
  return new FloodGuard(() => clock.ms);
}

/** Asks and is answered at once. */
function ask(guard: FloodGuard): string {
  const verdict = guard.admit();
  if (verdict === 'admitted') guard.answered();
  return verdict;
}

function askTimes(guard: FloodGuard, times: number): Set<string> {
  return new Set(Array.from({ length: times }, () => ask(guard)));
}

describe('FloodGuard', () => {
  test('admits a second worth of requests at once, then as many as time brings', () => {
    const clock = { ms: 0 };
    const guard = guardAt(clock);
    expect(askTimes(guard, 2_000)).toEqual(new Set(['admitted']));
    expect(ask(guard)).toBe('refused');
    clock.ms += 10;
    expect(ask(guard)).toBe('admitted');
  });

  test('bounds requests that are not answered yet', () => {
    const guard = guardAt({ ms: 0 });
    for (let sent = 0; sent < 256; sent += 1) expect(guard.admit()).toBe('admitted');
    expect(guard.admit()).toBe('refused');
    guard.answered();
    expect(guard.admit()).toBe('admitted');
  });

  test('closes on whoever goes on asking, and not on whoever waits', () => {
    const clock = { ms: 0 };
    const stubborn = guardAt(clock);
    expect(askTimes(stubborn, 5_000)).toContain('close');
    const patient = guardAt(clock);
    for (let second = 0; second < 100; second += 1) {
      expect(askTimes(patient, 2_000)).not.toContain('close');
      clock.ms += 1_000;
    }
  });

  test('allows more to an instance with more slots', () => {
    const guard = guardAt({ ms: 0 });
    guard.allowFor(100);
    for (let sent = 0; sent < 1_000; sent += 1) expect(guard.admit()).toBe('admitted');
  });
});
