import type { Benchmark } from '../benchmarks/benchmark.js';
import { PostgresServer } from '../support/postgres-server.js';
import { compareLatency } from './compare-latency.js';
import type { CompareSize } from './compare-size.js';
import { compareLogs } from './compare-logs.js';
import { compareSubmit } from './compare-submit.js';
import { compareThroughput } from './compare-throughput.js';
import { PeerSet } from './peer-set.js';

const FULL: CompareSize = { rounds: 4, samples: 60, warmUp: 500, jobs: 20_000, submits: 3_000, logMs: 4_000 };
const QUICK: CompareSize = { rounds: 1, samples: 5, warmUp: 5, jobs: 300, submits: 60, logMs: 300 };

/** Dibs beside other job queues of npm, in turns on one machine and, where they use one, one PostgreSQL. */
export const compare: Benchmark = {
  name: 'compare',
  measures: 'Dibs beside graphile-worker, pg-boss and BullMQ: ratios (PEERS names the folder they are installed in)',
  onDemand: true,
  async run({ tell, quick }) {
    const versions = PeerSet.find().versions(['graphile-worker', 'pg-boss', 'bullmq']);
    const size = quick ? QUICK : FULL;
    const postgres = await PostgresServer.start();
    try {
      const spawnLatency = await compareLatency(postgres, size, tell);
      const submit = await compareSubmit(postgres, size, tell);
      const logs = await compareLogs(postgres, size, tell);
      const throughput = {
        'runners=1': await compareThroughput(postgres, size, 1, tell),
        'runners=4': await compareThroughput(postgres, size, 4, tell),
      };
      return {
        versions,
        // at most 0.8 of graphile-worker's, at most 1 of BullMQ's
        submit_to_spawn_p50_ms: spawnLatency,
        // at most 0.5 of graphile-worker's
        submit_p50_ms: submit,
        // at least 1.3 of BullMQ's, more than 1 of pg-boss'
        jobs_per_s: throughput,
        // at least 2.5 of BullMQ's
        log_lines_per_s: logs,
      };
    } finally {
      await postgres.stop();
    }
  },
};

/** The part of it that is about logs, which takes two minutes and not half an hour. */
export const compareOnlyLogs: Benchmark = {
  name: 'compare-logs',
  measures: 'the part of `compare` that is about logs',
  onDemand: true,
  async run({ tell, quick }) {
    const versions = PeerSet.find().versions(['bullmq']);
    const postgres = await PostgresServer.start();
    try {
      return { versions, log_lines_per_s: await compareLogs(postgres, quick ? QUICK : FULL, tell) };
    } finally {
      await postgres.stop();
    }
  },
};
