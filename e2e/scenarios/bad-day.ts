import { Random } from '../schedules/random.js';
import { seedsToPlay } from '../schedules/seeds.js';
import { ROBUST, type Fault, type Scenario } from './scenario.js';

const LINES = 1_500;
const CUTS = 5;

/** Ten cuts in the middle of frames, and each process once at its worst, during one job that prints all the while. */
function badDay(seed: number): Scenario {
  const random = new Random(seed);
  const cuts = (printed: number): Fault[] =>
    Array.from({ length: CUTS }, () => ({
      printed: (printed += random.between(10, 60)),
      then: { do: 'cut-after-bytes', bytes: random.between(100, 8_000) },
    }));
  return {
    name: `ten cuts, and server, database and runner killed, during one job (seed ${seed})`,
    installation: ROBUST,
    // however long the faults take, the job is not over before the last of them
    work: [
      { lines: LINES, everyMs: 8 },
      { lines: 10, untilLetGo: true },
    ],
    submit: { onLost: 'requeue', maxAttempts: 3 },
    faults: [
      ...cuts(10),
      { printed: 320, then: { do: 'kill-server' } },
      { printed: 380, then: { do: 'restart-server' } },
      { printed: random.between(500, 700), then: { do: 'crash-database' } },
      { printed: random.between(800, 1_200), then: { do: 'kill-runner-of-job' } },
      { then: { do: 'restart-killed-runner' } },
      // of the second attempt: the first has printed as much before
      ...cuts(10),
      { then: { do: 'let-go' } },
    ],
    expect: { state: 'succeeded', reason: 'completed', attempts: 2, overlapExcused: [1], lines: LINES + 10 },
  };
}

export const BAD_DAY: readonly Scenario[] = seedsToPlay(1).map(badDay);
