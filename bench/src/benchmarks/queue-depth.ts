import { setTimeout as delay } from 'node:timers/promises';
import type { JobSummary, SubmitJobBody } from '@dibs/shared';
import { machineClockMs } from '../support/clock.js';
import { type CpuTimes, cpuPerJob, readCpu } from '../support/cpu.js';
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
  await bed.postgres.checkpoint();
  const fleet = await IdleFleet.open(bed, { instances: 1 });
  await release(bed);
  const claimMs = competing ? null : percentilesOf(await claimsOfAnIdleInstance(bed, fleet, samples));
  await hold(bed);
  const nextClaimMs = await claimsOfABusyInstance(bed, fleet, samples);
  fleet.tell('end');
  const { perSecond, cpu } = await claimsPerSecond(bed, claims);
  return { claim_ms: claimMs, next_claim_ms: nextClaimMs, claims_per_s: perSecond, cpu_us_per_claim: cpu };
}

/** @returns milliseconds from the submit to the grant */
async function claimsOfAnIdleInstance(bed: TestBed, fleet: IdleFleet, samples: number): Promise<number[]> {
  const moments = new Moments(fleet.processes);
  const claims: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    const submittedAtMs = machineClockMs();
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
async function claimsPerSecond(bed: TestBed, claims: number): Promise<{ perSecond: number; cpu: CpuTimes }> {
  const [runner] = await bed.spawnRunners(1, { RUNNER_MAX_CONCURRENT_JOBS: String(SLOTS) });
  await submitNoopJobs(bed.api, claims);
  const { rows } = await bed.database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const groups = {
    processes: { server: [bed.server.pid], runner: [runner!.pid] },
    postmasterPid: await bed.postgres.postmasterPid(),
  };
  const before = { made: await claimsMade(bed), cpu: readCpu(groups) };
  await release(bed);
  let made = 0;
  while (made < claims) {
    await delay(LOOK_EVERY_MS);
    made = (await claimsMade(bed)) - before.made;
  }
  const cpu = cpuPerJob(before.cpu, readCpu(groups), made);
  await runner!.kill();
  const { seconds } = (
    await bed.database.query<{ seconds: number }>(
      `SELECT extract(epoch FROM max(claimed_at) - min(claimed_at))::float8 AS seconds
       FROM (SELECT claimed_at FROM jobs WHERE claimed_at >= $1 ORDER BY claimed_at LIMIT $2) AS first`,
      [rows[0]!.now, claims],
    )
  ).rows[0]!;
  return { perSecond: Math.round(claims / seconds), cpu };
}

const LOOK_EVERY_MS = 50;

/** As the server counts them: no index of the database helps to count claims, and reading a million rows would be measured too. */
async function claimsMade({ url }: TestBed): Promise<number> {
  const [, count] = /^dibs_dispatch_wait_seconds_count (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text()) ?? [];
  return Number(count);
}

async function hold(bed: TestBed): Promise<void> {
  await bed.api.call('POST', '/api/v1/maintenance', { note: 'a benchmark prepares' });
}

async function release(bed: TestBed): Promise<void> {
  await bed.api.call('DELETE', '/api/v1/maintenance');
}
