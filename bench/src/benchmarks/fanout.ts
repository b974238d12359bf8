import { setTimeout as delay } from 'node:timers/promises';
import type { JobSummary } from '@dibs/shared';
import { machineClockMs } from '../support/clock.js';
import { cpuPerJob, readCpu } from '../support/cpu.js';
import { IdleFleet } from '../support/idle-fleet.js';
import { Moments } from '../support/moments.js';
import { NOOP_JOB } from '../support/noop-jobs.js';
import { percentilesOf } from '../support/percentiles.js';
import { PostgresServer } from '../support/postgres-server.js';
import { TestBed } from '../support/test-bed.js';
import type { Benchmark } from './benchmark.js';

const SIZES = [1, 10, 100, 1_000, 5_000];
const WARM_UP = 100;
const SAMPLES = 200;
const IDLE_MS = 10;
/** For CPU: enough to stand out from what the instances' renewals cost. */
const LOAD_JOBS = 3_000;
const LOAD_CALLERS = 4;
const IDLE_WINDOW_MS = 10_000;

interface Size {
  readonly samples: number;
  readonly jobs: number;
  readonly idleMs: number;
}

export const fanout: Benchmark = {
  name: 'fanout',
  measures: `claim latency and server CPU per job with ${SIZES.join(', ')} idle instances connected`,
  async run({ tell, quick }) {
    const postgres = await PostgresServer.start();
    const size = quick
      ? { samples: 5, jobs: 40, idleMs: 300 }
      : { samples: SAMPLES, jobs: LOAD_JOBS, idleMs: IDLE_WINDOW_MS };
    try {
      const figures: Record<string, unknown> = {};
      for (const instances of quick ? [1, 25] : SIZES) {
        const bed = await TestBed.start({ postgres });
        try {
          figures[`instances=${instances}`] = await measure(bed, instances, size);
          tell(`${instances} instances: ${JSON.stringify(figures[`instances=${instances}`])}`);
        } finally {
          await bed.stop();
        }
      }
      return figures;
    } finally {
      await postgres.stop();
    }
  },
};

async function measure(bed: TestBed, instances: number, { samples, jobs, idleMs }: Size) {
  const fleet = await IdleFleet.open(bed, { instances });
  const moments = new Moments(fleet.processes);
  const groups = { processes: { server: [bed.server.pid] }, postmasterPid: null };

  await oneAtATime(bed, moments, Math.min(WARM_UP, samples));
  const claims = await oneAtATime(bed, moments, samples);

  const idleFrom = readCpu(groups);
  await delay(idleMs);
  const idleShare = cpuPerJob(idleFrom, readCpu(groups), idleMs);

  const loadFrom = readCpu(groups);
  const startedAt = performance.now();
  await load(bed, fleet, jobs);
  const tookMs = performance.now() - startedAt;
  const total = cpuPerJob(loadFrom, readCpu(groups), jobs).server ?? 0;
  return {
    claim_ms: percentilesOf(claims),
    server_cpu_us_per_job: Math.round(total - ((idleShare.server ?? 0) * tookMs) / jobs),
    idle_cpu_percent: Math.round(idleShare.server ?? 0) / 10,
    server_rss_mb: bed.server.residentMebibytes(),
  };
}

/** @returns milliseconds from the submit to the grant at whichever instance got it */
async function oneAtATime(bed: TestBed, moments: Moments, count: number): Promise<number[]> {
  const claims: number[] = [];
  for (let sample = 0; sample < count; sample += 1) {
    const submittedAtMs = machineClockMs();
    const { id } = await bed.api.call<JobSummary>('POST', '/api/v1/jobs', NOOP_JOB);
    claims.push((await moments.of('granted', id)) - submittedAtMs);
    await delay(IDLE_MS);
  }
  return claims;
}

async function load(bed: TestBed, fleet: IdleFleet, jobs: number): Promise<void> {
  const reported = fleet.hearsTimes('reported', jobs);
  let left = jobs;
  const submitRest = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await bed.api.call('POST', '/api/v1/jobs', NOOP_JOB);
    }
  };
  await Promise.all(Array.from({ length: LOAD_CALLERS }, submitRest));
  await reported;
}
