import { setTimeout as delay } from 'node:timers/promises';
import { isTerminal, type JobDetail, type JobSummary } from '@dibs/shared';
import { machineClockMs } from './clock.js';
import { Moments } from './moments.js';
import { type Percentiles, percentilesOf } from './percentiles.js';
import type { TestBed } from './test-bed.js';

/** Between two jobs, so that each finds an idle server. */
const IDLE_MS = 20;

export interface DispatchLatency {
  readonly submit_to_claim_ms: Percentiles;
  readonly submit_to_spawn_ms: Percentiles;
}

/** Submits one job at a time to real runner processes that were started with LOG_LEVEL=debug. */
export class DispatchSampler {
  private readonly toClaim: number[] = [];
  private readonly toSpawn: number[] = [];

  private constructor(
    private readonly bed: TestBed,
    private readonly moments: Moments,
  ) {}

  /** @param runners how many of them wait for the jobs */
  static async start(bed: TestBed, runners: number): Promise<DispatchSampler> {
    return new DispatchSampler(bed, new Moments(await bed.spawnRunners(runners, { LOG_LEVEL: 'debug' })));
  }

  async warmUp(jobs: number): Promise<void> {
    await this.sample(jobs);
    this.toClaim.length = 0;
    this.toSpawn.length = 0;
  }

  async sample(jobs: number): Promise<void> {
    for (let count = 0; count < jobs; count += 1) {
      await this.sampleOne();
      await delay(IDLE_MS);
    }
  }

  get figures(): DispatchLatency {
    return { submit_to_claim_ms: percentilesOf(this.toClaim), submit_to_spawn_ms: percentilesOf(this.toSpawn) };
  }

  /** Of every sample, for those who compare rounds. */
  get spawnSamplesMs(): readonly number[] {
    return this.toSpawn;
  }

  private async sampleOne(): Promise<void> {
    const { api } = this.bed;
    const submittedAtMs = machineClockMs();
    const { id } = await api.call<JobSummary>('POST', '/api/v1/jobs', { steps: [{ run: 'true', shell: 'sh' }] });
    this.toClaim.push((await this.moments.of('claim granted', id)) - submittedAtMs);
    this.toSpawn.push((await this.moments.of('process spawned', id)) - submittedAtMs);
    const job = await api.call<JobDetail>('GET', `/api/v1/jobs/${id}?wait=30`);
    if (!isTerminal(job.state)) throw new Error(`job ${id} does not end, it is ${job.state}`);
    if (job.state !== 'succeeded') throw new Error(`job ${id} ended ${job.state}: ${job.reasonText}`);
  }
}
