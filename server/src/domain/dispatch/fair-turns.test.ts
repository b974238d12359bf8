import { describe, expect, test } from '@jest/globals';
import { FairTurns } from './fair-turns.js';

/** Organizations with so many jobs each; `served` tells whose job was done when. */
function arrange(queued: Record<string, number>, turnJobs: number) {
  const turns = new FairTurns<string>(turnJobs);
  const left = new Map(Object.entries(queued));
  const served: string[] = [];
  for (const who of left.keys()) turns.join(who);
  const serve = (who: string, atMost: number): number => {
    const count = Math.min(atMost, left.get(who)!);
    left.set(who, left.get(who)! - count);
    for (let job = 0; job < count; job += 1) served.push(who);
    return count;
  };
  return { turns, left, served, serve };
}

describe('FairTurns', () => {
  test('a single job waits for no more than one turn of somebody with 100,000', () => {
    const { turns, served, serve } = arrange({ giant: 100_000, small: 1 }, 64);
    turns.deal(500, serve);
    expect(served).toHaveLength(500);
    expect(served.indexOf('small')).toBe(64);
  });

  test('a newcomer waits for the rest of one turn, also when the room is small', () => {
    const { turns, left, served, serve } = arrange({ giant: 100_000 }, 10);
    turns.deal(35, serve);
    left.set('small', 1);
    turns.join('small');
    for (let tick = 0; tick < 3; tick += 1) turns.deal(3, serve);
    expect(served.slice(35).indexOf('small')).toBe(5);
  });

  test('equals get equal shares, and the whole room is used', () => {
    const { turns, served, serve } = arrange({ a: 1_000, b: 1_000, c: 1_000 }, 10);
    for (let tick = 0; tick < 20; tick += 1) turns.deal(45, serve);
    const shares = ['a', 'b', 'c'].map((who) => served.filter((each) => each === who).length);
    expect(shares).toEqual([300, 300, 300]);
  });

  test('what one does not need goes to the others', () => {
    const { turns, served, serve } = arrange({ a: 3, b: 1_000 }, 10);
    turns.deal(100, serve);
    expect(served.filter((each) => each === 'b')).toHaveLength(97);
  });

  test('whoever ran out of work comes back to the end of the line, with one turn and no more', () => {
    const { turns, left, served, serve } = arrange({ a: 1, b: 100 }, 10);
    turns.deal(50, serve);
    left.set('a', 100);
    turns.join('a');
    turns.join('a');
    served.length = 0;
    turns.deal(40, serve);
    expect(served.join('')).toBe(`b${'a'.repeat(10)}${'b'.repeat(10)}${'a'.repeat(10)}${'b'.repeat(9)}`);
  });

  test('ends when nobody has work, whatever room is left', () => {
    const { turns, served, serve } = arrange({ a: 5 }, 10);
    turns.deal(1_000, serve);
    turns.deal(1_000, serve);
    expect(served).toHaveLength(5);
  });
});
