import { describe, expect, test } from '@jest/globals';
import { toGrantsJson, type ReadyGrant } from '../dispatch/ready-grant.js';
import { toSpecJson } from '../jobs/spec/spec-json.js';
import { inMessages } from './grant-messages.js';

const KIB = 1_024;
const grants = (count: number, kib: number, nameOf: (index: number) => string): ReadyGrant[] =>
  Array.from({ length: count }, (_, index) => ({
    jobId: `job-${index}` as ReadyGrant['jobId'],
    ...{ attempt: 1, claimToken: 'token', secrets: {}, startedStep: 0 },
    spec: toSpecJson({ name: nameOf(index), fill: 'x'.repeat(kib * KIB) } as never),
  }));
const sizes = (jobs: readonly ReadyGrant[]): number[] => inMessages(jobs).map((part) => toGrantsJson(part).length);

describe('messages of grants', () => {
  test('hold 256 KiB each, whether specs differ or not', () => {
    for (const nameOf of [String, () => 'same']) {
      const jobs = grants(2_000, 1, nameOf);
      expect(inMessages(jobs).flat()).toEqual(jobs);
      for (const size of sizes(jobs)) expect(size).toBeLessThan(256 * KIB);
    }
    expect(sizes(grants(500, 1, () => 'same'))).toHaveLength(1);
  });

  test('count a spec again where it opens the next message', () => {
    const jobs = grants(900, 200, () => 'same');
    for (const size of sizes(jobs)) expect(size).toBeLessThan(256 * KIB);
    expect(sizes(jobs).length).toBeGreaterThan(3);
  });

  test('may be more for a job that is more', () => {
    expect(inMessages(grants(3, 300, () => 'same')).map((part) => part.length)).toEqual([1, 1, 1]);
    expect(inMessages([])).toEqual([]);
  });
});
