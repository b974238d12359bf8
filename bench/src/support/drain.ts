import { type CpuTimes, cpuPerJob, readCpu } from './cpu.js';
import { submitNoopJobs, untilDrained } from './noop-jobs.js';
import type { TestBed } from './test-bed.js';

/** Jobs each runner process works on at the same time, the most it may be set to: what a job costs depends on how many share a statement. */
const SLOTS = 1_000;

export interface DrainFigures {
  readonly jobs_per_s: number;
  /** Over the bulk route, while nothing ran. */
  readonly submitted_per_s: number;
  readonly slots_per_runner: number;
  readonly claims_by_instance: Readonly<Record<string, number>>;
  /** Empty where there is no /proc. */
  readonly cpu_us_per_job: CpuTimes;
}

/**
 * Submits no-op jobs while the installation is in maintenance, ends it, and waits until all have ended; after as many others,
 * because most processes were not started a second ago.
 * @throws when one was not claimed exactly once or did not succeed
 */
export async function drainNoopJobs(
  bed: TestBed,
  { jobs, runners }: { readonly jobs: number; readonly runners: number },
): Promise<DrainFigures> {
  const processes = await bed.spawnRunners(runners, { RUNNER_MAX_CONCURRENT_JOBS: String(SLOTS) });
  const groups = {
    processes: { server: [bed.server.pid], runners: processes.map(({ pid }) => pid) },
    postmasterPid: await bed.postgres.postmasterPid(),
  };
  const before = await warmedUp(bed, jobs);
  await bed.api.call('POST', '/api/v1/maintenance', { note: 'the queue fills' });
  const startedAt = performance.now();
  await submitNoopJobs(bed.api, jobs);
  const submitted = (performance.now() - startedAt) / 1000;
  const cpuBefore = readCpu(groups);
  await bed.api.call('DELETE', '/api/v1/maintenance');
  const { seconds, claimsByInstance } = await untilDrained(bed, jobs, before);
  return {
    jobs_per_s: Math.round(jobs / seconds),
    submitted_per_s: Math.round(jobs / submitted),
    slots_per_runner: SLOTS,
    claims_by_instance: claimsByInstance,
    cpu_us_per_job: cpuPerJob(cpuBefore, readCpu(groups), jobs),
  };
}

/** @returns the last of the jobs that were run */
async function warmedUp(bed: TestBed, jobs: number): Promise<string> {
  const ids = await submitNoopJobs(bed.api, jobs);
  await untilDrained(bed, jobs);
  return ids.reduce((last, id) => (id > last ? id : last));
}
