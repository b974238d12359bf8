import { describe, expect, test } from '@jest/globals';
import { grantedJobs, type JobsGranted } from './granted-jobs.js';

const [build, deploy] = [{ name: 'build' }, { name: 'deploy' }];
const message = (...specs: unknown[]): JobsGranted =>
  ({ jobs: specs.map((spec, index) => ({ jobId: index, ...(spec ? { spec } : {}) })) }) as unknown as JobsGranted;

describe('grantedJobs', () => {
  test('gives a job without a spec that of the job before it', () => {
    const jobs = grantedJobs(message(build, null, deploy, null, null, build));
    expect(jobs.map(({ spec }) => spec)).toEqual([build, build, deploy, deploy, deploy, build]);
    expect(grantedJobs(message())).toEqual([]);
  });

  test('does not begin a job of which nobody says what it is', () => {
    expect(() => grantedJobs(message(null, build))).toThrow('no spec for job 0');
  });
});
