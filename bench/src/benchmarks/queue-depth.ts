import { setTimeout as delay } from 'node:timers/promises';
import type { JobSummary, SubmitJobBody } from '@dibs/shared';
import { wallClockMs } from '../support/clock.js';
import { fillQueue, lanesForAnybody, lanesForNobody } from '../support/deep-queue.js';
import { IdleFleet } from '../support/idle-fleet.js';
import { Moments } from '../support/moments.js';
import { NOOP_JOB, submitNoopJobs } from '../support/noop-jobs.js';
import { type Percentiles, percentilesOf } from '../support/percentiles.js';
import { PostgresServer } from '../support/postgres-server.js';
import { TestBed } from '../support/test-bed.js';
import type { Benchmark } from './benchmark.js';

const DEPTHS = [10_000, 1_000_000];
const SLOTS = 64;
const IDLE_MS = 10;

interface Size {
  readonly claims: number;
  readonly samples: number;
}

export const queueDepth: Benchmark = {
  name: 'queue-depth',
  measures: `claim latency and claims/s with 0, ${DEPTHS.join(' and ')} other jobs queued, in lanes that compete and in others`,
  async run({ tell, quick }) {
    const postgres = await PostgresServer.start();
    const size = quick ? { claims: 200, samples: 5 } : { claims: 20_000, samples: 200 };
    const settings = (quick ? [2_000] : DEPTHS).flatMap((depth) => [
      { name: `depth=${depth} other lanes`, depth, bodies: lanesForNobody(), competing: false },
      { name: `depth=${depth} same lanes`, depth, bodies: lanesForAnybody(), competing: true },
    ]);
    try {
      const figures: Record<string, unknown> = {};
      for (const { name, ...queue } of [{ name: 'depth=0', depth: 0, bodies: [], competing: false }, ...settings]) {
        const bed = await TestBed.start({ postgres });
        try {
          figures[name] = await measure(bed, queue, size);
          tell(`${name}: ${JSON.stringify(figures[name])}`);
        } finally {
          await bed.stop();
        }
        await postgres.checkpoint();
      }
      return figures;
    } finally {
      await postgres.stop();
    }
  },
};

interface Queue {
  readonly depth: number;
  readonly bodies: readonly SubmitJobBody[];
  /** true: an idle instance would take the other jobs, so there is none. */
  readonly competing: boolean;
}

async function measure(bed: TestBed, { depth, bodies, competing }: Queue, { claims, samples }: Size) {
  await hold(bed);
  await fillQueue(bed, bodies, depth);
  const fleet = await IdleFleet.open(bed, { instances: 1 });
  await release(bed);
  const claimMs = competing ? null : percentilesOf(await claimsOfAnIdleInstance(bed, fleet, samples));
  await hold(bed);
  const nextClaimMs = await claimsOfABusyInstance(bed, fleet, samples);
  fleet.tell('end');
  return { claim_ms: claimMs, next_claim_ms: nextClaimMs, claims_per_s: await claimsPerSecond(bed, claims) };
}

/** @returns milliseconds from the submit to the grant */
async function claimsOfAnIdleInstance(bed: TestBed, fleet: IdleFleet, samples: number): Promise<number[]> {
  const moments = new Moments(fleet.processes);
  const claims: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    const submittedAtMs = wallClockMs();
    const { id } = await bed.api.call<JobSummary>('POST', '/api/v1/jobs', NOOP_JOB);
    claims.push((await moments.of('granted', id)) - submittedAtMs);
    await delay(IDLE_MS);
  }
  return claims;
}

/** From one grant to the next of an instance with one slot: its result, then the best job that waits. */
async function claimsOfABusyInstance(bed: TestBed, fleet: IdleFleet, samples: number): Promise<Percentiles> {
  await submitNoopJobs(bed.api, samples + 1);
  const grantsAtMs: number[] = [];
  const granted = new Promise<void>((resolve) => {
    fleet.processes[0]!.onEntry(({ msg, atMs }) => {
      if (msg === 'granted' && grantsAtMs.push(Number(atMs)) === samples + 1) resolve();
    });
  });
  await release(bed);
  await granted;
  await hold(bed);
  return percentilesOf(grantsAtMs.slice(1, samples + 1).map((atMs, index) => atMs - grantsAtMs[index]!));
}

/** With one real runner, by the clock of the database. */
async function claimsPerSecond(bed: TestBed, claims: number): Promise<number> {
  const [runner] = await bed.spawnRunners(1, { RUNNER_MAX_CONCURRENT_JOBS: String(SLOTS) });
  await submitNoopJobs(bed.api, claims);
  const { rows } = await bed.database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  await release(bed);
  const progress = `
    SELECT count(*)::integer AS claims, extract(epoch FROM max(claimed_at) - min(claimed_at))::float8 AS seconds
    FROM (SELECT claimed_at FROM job_attempts WHERE claimed_at >= $1 ORDER BY claimed_at LIMIT $2) AS first`;
  for (;;) {
    const { claims: made, seconds } = (
      await bed.database.query<{ claims: number; seconds: number }>(progress, [rows[0]!.now, claims])
    ).rows[0]!;
    if (made === claims) {
      await runner!.kill();
      return Math.round(claims / seconds);
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** Counting what was claimed costs the database more the more there is. */
const LOOK_EVERY_MS = 250;

async function hold(bed: TestBed): Promise<void> {
  await bed.api.call('POST', '/api/v1/maintenance', { note: 'a benchmark prepares' });
}

async function release(bed: TestBed): Promise<void> {
  await bed.api.call('DELETE', '/api/v1/maintenance');
}
