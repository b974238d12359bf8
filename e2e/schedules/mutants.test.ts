import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from '@jest/globals';
import { makeSchedule } from './make-schedule.js';
import { seedsToPlay } from './seeds.js';
import { ScheduleRun, type ScheduleOptions } from './schedule-run.js';

/**
 * Played one after the other until the bug is seen. What the processes of a schedule do at the same moment is up to the
 * machine, so a race may stay away once; `DIBS_SEED=3` plays that one only.
 */
const SEEDS = seedsToPlay(12);

interface Mutant {
  readonly bug: string;
  readonly file: string;
  readonly part: 'server' | 'runner';
  /** What the checker must say. */
  readonly caught: RegExp;
}

const MUTANTS: readonly Mutant[] = [
  {
    bug: 'claim by read-then-save',
    file: 'claim-by-read-then-save',
    part: 'server',
    caught: /I1: job .* has live claims/,
  },
  {
    bug: 'completion without the attempt predicate',
    file: 'completion-without-attempt',
    part: 'server',
    // it ends a job that is queued again, or that another attempt works on
    caught: /I6|I12/,
  },
  { bug: 'requeue on disconnect', file: 'requeue-on-disconnect', part: 'server', caught: /I2: attempt/ },
  { bug: 'no repair sweep', file: 'no-repair-sweep', part: 'server', caught: /L1\/L2: job .* not terminal/ },
  { bug: 'a runner without self-fencing', file: 'runner-without-fencing', part: 'runner', caught: /I2: attempt/ },
];

test.each(MUTANTS.map((mutant) => [mutant.bug, mutant] as const))(
  '%s is caught',
  async (_bug, { file, part, caught }) => {
    const mutation = ['--import', pathToFileURL(path.resolve(`e2e/support/mutants/${file}.mjs`)).href];
    const options: ScheduleOptions = {
      ...(part === 'server' ? { serverArguments: mutation } : { runnerArguments: mutation }),
      quietWithinMs: 20_000,
      untilFound: caught,
    };
    const said: string[] = [];
    for (const seed of SEEDS) {
      said.push(...(await ScheduleRun.play(makeSchedule(seed), options)));
      if (said.some((violation) => caught.test(violation))) return;
    }
    throw new Error(`not caught by seeds ${SEEDS.join(', ')}, which said:\n${said.join('\n')}`);
  },
  1_200_000,
);
