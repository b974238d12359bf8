import { expect, test } from '@jest/globals';
import { makeSchedule } from './make-schedule.js';
import { print, type Schedule } from './schedule.js';
import { ScheduleRun } from './schedule-run.js';
import { seedsToPlay } from './seeds.js';
import { rulesIn, shrink } from './shrink.js';

/** `DIBS_SEED=7 npm test -- e2e/schedules/schedules` repeats one; `npm run test:schedules -- --seeds 100` runs many. */
const SEEDS = seedsToPlay(2);
/** How often a schedule that failed is played again, each time with less in it. Set by the command only. */
const SHRINK_TRIES = Number(process.env['DIBS_SHRINK'] ?? 0);
const ONE_PLAY_MS = 400_000;

test.each(SEEDS)(
  'schedule %d: two servers, four kinds of runners, and every fault keep the promises',
  async (seed) => {
    const schedule = makeSchedule(seed);
    const found = await play(schedule);
    if (found.length > 0)
      throw new Error(`${found.slice(0, 20).join('\n')}\n\n${print(await smallest(schedule, found))}`);
    expect(found).toEqual([]);
  },
  ONE_PLAY_MS * (1 + SHRINK_TRIES),
);

async function play(schedule: Schedule): Promise<string[]> {
  try {
    return await ScheduleRun.play(schedule);
  } catch (error) {
    return [String(error)];
  }
}

async function smallest(schedule: Schedule, found: readonly string[]): Promise<Schedule> {
  const rules = rulesIn(found);
  const failsAlike = async (smaller: Schedule): Promise<boolean> =>
    [...rulesIn(await play(smaller))].some((rule) => rules.has(rule));
  return SHRINK_TRIES > 0 ? shrink(schedule, failsAlike, SHRINK_TRIES) : schedule;
}
