import path from 'node:path';
import TestSequencer from '@jest/test-sequencer';

/**
 * What takes longest, longest first: begun last, it would keep one worker busy while the others have nothing left to do. Of a
 * fresh checkout jest knows no durations and goes by the size of the files, which says nothing about scenarios.
 */
const LONGEST = [
  'e2e/schedules/mutants.test.ts',
  'e2e/scenarios.test.ts',
  'bench/test/benchmarks.test.ts',
  'e2e/schedules/schedules.test.ts',
  'e2e/dashboard-pages.test.ts',
  'e2e/dashboard-modules.test.ts',
  'e2e/dashboard-administration.test.ts',
  'e2e/dashboard-logs.test.ts',
  'e2e/dashboard.test.ts',
  'e2e/two-servers.test.ts',
  'e2e/race.test.ts',
  'e2e/dashboard-explain.test.ts',
];

export default class LongestFirst extends TestSequencer {
  /** As jest does where it knows how long they took. */
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    const rank = new Map(LONGEST.map((file, index) => [path.resolve(file), index]));
    const rankOf = (test) => rank.get(test.path) ?? LONGEST.length;
    return sorted.sort((a, b) => rankOf(a) - rankOf(b));
  }
}
