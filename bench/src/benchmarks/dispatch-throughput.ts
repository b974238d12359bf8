import { type DrainFigures, drainNoopJobs } from '../support/drain.js';
import { PostgresServer } from '../support/postgres-server.js';
import { TestBed } from '../support/test-bed.js';
import type { Benchmark } from './benchmark.js';

const JOBS = 20_000;
const RUNNERS = [1, 4];

export const dispatchThroughput: Benchmark = {
  name: 'dispatch-throughput',
  measures: `${JOBS} queued no-op jobs, held back until all are in, then drained by ${RUNNERS.join(' and ')} runner processes`,
  async run({ tell, quick }) {
    const postgres = await PostgresServer.start();
    try {
      const figures: Record<string, DrainFigures> = {};
      for (const runners of RUNNERS) {
        await postgres.checkpoint();
        const bed = await TestBed.start({ postgres });
        try {
          const drained = await drainNoopJobs(bed, { jobs: quick ? 300 : JOBS, runners });
          figures[`runners=${runners}`] = drained;
          tell(
            `${runners} runner(s): ${drained.jobs_per_s} jobs/s, CPU us per job ${JSON.stringify(drained.cpu_us_per_job)}`,
          );
        } finally {
          await bed.stop();
        }
      }
      const rates = Object.entries(figures).map(([name, { jobs_per_s }]) => [name, jobs_per_s] as const);
      return { jobs_per_s: Object.fromEntries(rates), settings: figures };
    } finally {
      await postgres.stop();
    }
  },
};
