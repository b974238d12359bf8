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
  /** Of support/mutants, with the part that has the bug. */
  readonly files: Readonly<Record<string, 'server' | 'runner'>>;
  /** What the checker must say: all of it. */
  readonly caught: readonly RegExp[];
}

const MUTANTS: readonly Mutant[] = [
  {
    bug: 'claim by read-then-save',
    files: { 'claim-by-read-then-save': 'server' },
    caught: [/I1: job .* has live claims/],
  },
  {
    bug: 'completion without the attempt predicate',
    files: { 'completion-without-attempt': 'server' },
    // it ends a job that is queued again, or that another attempt works on
    caught: [/I6|I12/],
  },
  { bug: 'requeue on disconnect', files: { 'requeue-on-disconnect': 'server' }, caught: [/I2: attempt/] },
  { bug: 'no repair sweep', files: { 'no-repair-sweep': 'server' }, caught: [/L1\/L2: job .* not terminal/] },
  { bug: 'a runner without self-fencing', files: { 'runner-without-fencing': 'runner' }, caught: [/I2: attempt/] },
  // in each of these none can be taken for another, and a play takes half a minute
  {
    bug: 'a runner that repeats itself, pauses and drains that hold nothing, a fan-out over its batch, a claim that is two',
    files: {
      'runner-that-repeats': 'runner',
      'pause-that-holds-nothing': 'server',
      'drain-that-holds-nothing': 'server',
      'fan-out-over-its-batch': 'server',
      'claim-granted-twice': 'server',
    },
    caught: [
      ...[/I14: real/, /pause: job .* while lane/, /drain: job .* given to/, /fan-out: parent .* under way/],
      /I3: claim/,
    ],
  },
  {
    bug: 'grants that repeat, a drain that takes away, an instance that is two, lines of an older attempt',
    files: {
      'grant-that-repeats': 'server',
      'drain-that-takes-away': 'server',
      'two-sessions-of-one-instance': 'server',
      'lines-of-an-older-attempt': 'server',
    },
    caught: [/I14: fake/, /drain: attempt .* taken from/, /I11: \d live/, /I6: lines/, /I6: a line/],
  },
];

test.each(MUTANTS.map((mutant) => [mutant.bug, mutant] as const))(
  '%s: caught',
  async (_bug, { files, caught }) => {
    const options: ScheduleOptions = {
      serverArguments: mutations(files, 'server'),
      runnerArguments: mutations(files, 'runner'),
      quietWithinMs: 20_000,
      untilFound: caught,
    };
    const said: string[] = [];
    for (const seed of SEEDS) {
      said.push(...(await ScheduleRun.play(makeSchedule(seed), options)));
      if (caught.every((each) => said.some((violation) => each.test(violation)))) return;
    }
    throw new Error(`not caught by seeds ${SEEDS.join(', ')}, which said:\n${said.join('\n')}`);
  },
  1_200_000,
);

function mutations(files: Mutant['files'], part: 'server' | 'runner'): string[] {
  const ofPart = Object.keys(files).filter((file) => files[file] === part);
  return ofPart.flatMap((file) => ['--import', pathToFileURL(path.resolve(`e2e/support/mutants/${file}.mjs`)).href]);
}
