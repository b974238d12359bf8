import { expect, test } from '@jest/globals';
import { makeSchedule } from './make-schedule.js';
import type { Schedule } from './schedule.js';
import { rulesIn, shrink } from './shrink.js';

const WHOLE = makeSchedule(3);
const needed = [WHOLE.actions[2]!, WHOLE.actions.at(-1)!];

/** Fails only with both of them. */
function failing() {
  let plays = 0;
  const fails = ({ actions }: Schedule): Promise<boolean> => {
    plays += 1;
    return Promise.resolve(needed.every((action) => actions.includes(action)));
  };
  return { fails, plays: () => plays };
}

test('only what the failure needs is left, in its order', async () => {
  const { fails } = failing();
  const { seed, opening, actions } = await shrink(WHOLE, fails, 10_000);
  expect(actions).toEqual(needed);
  expect({ seed, opening }).toEqual({ seed: WHOLE.seed, opening: WHOLE.opening });
});

test('with few tries it is smaller, still fails, and was played no oftener', async () => {
  const { fails, plays } = failing();
  const smaller = await shrink(WHOLE, fails, 12);
  expect(plays()).toBe(12);
  expect(smaller.actions.length).toBeLessThan(WHOLE.actions.length);
  expect(await fails(smaller)).toBe(true);
});

test('a failure is known by its rules', () => {
  const jobs = ['job 1: I2: attempt 1 still executed', 'L1/L2: job 2 is queued', 'I6/I13: attempt 1', 'a submit was'];
  expect([...rulesIn([...jobs, 'pause: job 3'])]).toEqual(['I2', 'L1/L2', 'I6/I13', 'other', 'pause']);
});
