import { submitConcurrently } from '../support/concurrent-submits.js';
import { TestBed } from '../support/test-bed.js';
import type { Benchmark } from './benchmark.js';

const CALLERS = 16;
const JOBS = 8_000;
const WARM_UP = 500;

export const submitThroughput: Benchmark = {
  name: 'submit-throughput',
  measures: `${CALLERS} concurrent callers, one job per request, each answered after its commit`,
  async run({ tell, quick }) {
    const bed = await TestBed.start();
    try {
      const post = (body: object) => bed.api.call('POST', '/api/v1/jobs', body);
      await submitConcurrently(post, { callers: CALLERS, jobs: quick ? 20 : WARM_UP });
      tell('warm');
      const jobs = quick ? 100 : JOBS;
      const { perSecond, ms } = await submitConcurrently(post, { callers: CALLERS, jobs });
      const { rows } = await bed.database.query<{ count: number }>('SELECT count(*)::integer AS count FROM jobs');
      const expected = jobs + (quick ? 20 : WARM_UP);
      if (rows[0]!.count !== expected) throw new Error(`${expected} jobs answered, ${rows[0]!.count} stored`);
      return { jobs_per_s: perSecond, p50_ms: ms.p50, p99_ms: ms.p99, callers: CALLERS };
    } finally {
      await bed.stop();
    }
  },
};
