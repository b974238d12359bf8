import { expect, test } from '@jest/globals';
import { makeSchedule } from './make-schedule.js';
import { print } from './schedule.js';

test('a schedule is its seed: the same again for the same, another for another', () => {
  expect(print(makeSchedule(7))).toBe(print(makeSchedule(7)));
  expect(print(makeSchedule(7))).not.toBe(print(makeSchedule(8)));
});

test('every schedule has each kind of trouble that a bug needs to show itself', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const kinds = new Set(makeSchedule(seed).actions.map(({ action }) => action.do));
    expect([...kinds]).toEqual(
      expect.arrayContaining([
        ...['submit', 'cancel', 'cut', 'vanish-fake', 'late-report', 'kill-real', 'kill-server', 'pause', 'drain'],
      ]),
    );
  }
});
