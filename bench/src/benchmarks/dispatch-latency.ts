import { setTimeout as delay } from 'node:timers/promises';
import { isTerminal, type JobDetail } from '@dibs/shared';
import { wallClockMs } from '../support/clock.js';
import type { LogEntry, PartProcess } from '../support/part-process.js';
import { percentilesOf } from '../support/percentiles.js';
import { TestBed } from '../support/test-bed.js';
import type { Benchmark } from './benchmark.js';

const WARM_UP = 20;
const SAMPLES = 200;
/** Between two jobs, so that each finds an idle server. */
const IDLE_MS = 20;

export const dispatchLatency: Benchmark = {
  name: 'dispatch-latency',
  measures: `idle server, one job at a time: submit → claim granted → first process spawned; ${SAMPLES} samples`,
  async run(tell) {
    const bed = await TestBed.start();
    try {
      const runner = await bed.spawnRunner();
      const moments = new Moments(runner);
      const toClaim: number[] = [];
      const toSpawn: number[] = [];
      for (let count = 0; count < WARM_UP + SAMPLES; count += 1) {
        const { submittedAtMs, claimedAtMs, spawnedAtMs } = await sample(bed, moments);
        if (count >= WARM_UP) {
          toClaim.push(claimedAtMs - submittedAtMs);
          toSpawn.push(spawnedAtMs - submittedAtMs);
        }
        if (count === WARM_UP) tell('warm');
        await delay(IDLE_MS);
      }
      return { submit_to_claim_ms: percentilesOf(toClaim), submit_to_spawn_ms: percentilesOf(toSpawn) };
    } finally {
      await bed.stop();
    }
  },
};

async function sample(bed: TestBed, moments: Moments) {
  const submittedAtMs = wallClockMs();
  const { id } = await bed.api.call<JobDetail>('POST', '/api/v1/jobs', { steps: [{ run: 'true', shell: 'sh' }] });
  const claimedAtMs = await moments.of('claim granted', id);
  const spawnedAtMs = await moments.of('process spawned', id);
  let job: JobDetail;
  do {
    await delay(5);
    job = await bed.api.call<JobDetail>('GET', `/api/v1/jobs/${id}`);
  } while (!isTerminal(job.state));
  if (job.state !== 'succeeded') throw new Error(`job ${id} ended ${job.state}: ${job.reasonText}`);
  return { submittedAtMs, claimedAtMs, spawnedAtMs };
}

/** When things happened, by the runner's debug lines. They may be read before or after somebody asks for them. */
class Moments {
  private readonly known = new Map<string, number>();
  private readonly asked = new Map<string, (atMs: number) => void>();

  constructor(runner: PartProcess) {
    runner.onEntry((entry) => this.note(entry));
  }

  of(what: string, jobId: string): Promise<number> {
    const key = `${what} ${jobId}`;
    const known = this.known.get(key);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => this.asked.set(key, resolve));
  }

  private note({ msg, jobId, atMs }: LogEntry): void {
    if (typeof msg !== 'string' || typeof jobId !== 'string' || typeof atMs !== 'number') return;
    const key = `${msg} ${jobId}`;
    this.known.set(key, atMs);
    this.asked.get(key)?.(atMs);
  }
}
