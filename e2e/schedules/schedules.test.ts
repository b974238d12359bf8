import { expect, test } from '@jest/globals';
import { makeSchedule } from './make-schedule.js';
import { print } from './schedule.js';
import { ScheduleRun } from './schedule-run.js';

/** `DIBS_SEED=7 npm test -- e2e/schedules/schedules` repeats one; `npm run test:schedules -- --seeds 100` runs many. */
const SEEDS = process.env['DIBS_SEED']?.split(',').map(Number) ?? [1, 2];

test.each(SEEDS)(
  'schedule %d: two servers, four kinds of runners, and every fault keep the promises',
  async (seed) => {
    const schedule = makeSchedule(seed);
    const found = await ScheduleRun.play(schedule).catch((error: unknown) => {
      throw new Error(`${print(schedule)}\n${(error as Error).message}`, { cause: error });
    });
    if (found.length > 0) throw new Error(`${found.slice(0, 20).join('\n')}\n\n${print(schedule)}`);
    expect(found).toEqual([]);
  },
  240_000,
);
