import { DispatchSampler } from '../support/dispatch-sampler.js';
import { PostgresServer } from '../support/postgres-server.js';
import { TestBed } from '../support/test-bed.js';
import type { Benchmark } from './benchmark.js';

/** Until the code is compiled: of a server that has just started, the fastest of 30 jobs took twice as long as of 1,000. */
const WARM_UP = 500;
/** Of 200 the p99 would be the second worst. */
const SAMPLES = 1_000;
const MANY_RUNNERS = 20;
/** The two settings take turns, so that what else the machine does meets both alike. */
const BLOCK = 100;

export const dispatchLatency: Benchmark = {
  name: 'dispatch-latency',
  measures: `idle server, one job at a time: submit → claim granted → first process spawned; 1 and ${MANY_RUNNERS} runners`,
  async run({ tell, quick }) {
    const postgres = await PostgresServer.start();
    const beds: TestBed[] = [];
    const start = async (runners: number): Promise<DispatchSampler> => {
      const bed = await TestBed.start({ postgres });
      beds.push(bed);
      tell(`starting ${runners} runner(s)`);
      const sampler = await DispatchSampler.start(bed, runners);
      await sampler.warmUp(quick ? 2 : WARM_UP);
      return sampler;
    };
    const samples = quick ? 6 : SAMPLES;
    const block = quick ? 3 : BLOCK;
    try {
      const one = await start(1);
      const many = await start(quick ? 2 : MANY_RUNNERS);
      for (let done = 0; done < samples; done += block) {
        await one.sample(block);
        await many.sample(block);
        tell(
          `${done + block} samples: ${one.figures.submit_to_spawn_ms.p50} ms, ${many.figures.submit_to_spawn_ms.p50} ms`,
        );
      }
      return { ...one.figures, with_20_idle_runners: many.figures };
    } finally {
      for (const bed of beds) await bed.stop();
      await postgres.stop();
    }
  },
};
