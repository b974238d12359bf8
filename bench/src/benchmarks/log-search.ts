import type { LogSearchPage } from '@dibs/shared';
import { cpuPerJob, type CpuTimes, readCpu } from '../support/cpu.js';
import { LogWriter } from '../support/log-writer.js';
import { TestBed } from '../support/test-bed.js';
import type { Benchmark, Figures } from './benchmark.js';

const FULL = { lines: 1_000_000, rounds: 7 };
const QUICK = { lines: 2_000, rounds: 1 };

/** What stands in each thousandth line, and in none. Each is searched for without regard to case, which is the dearer way. */
const TEXTS = { found: 'Connection Refused', not_found: 'nowhere to be found' } as const;

/** One log that is searched from its first line to its last, over the API, as the dashboard does. */
export const logSearch: Benchmark = {
  name: 'log-search',
  measures: `a search through ${FULL.lines.toLocaleString('en')} lines of one log, plain and coloured, over the API`,
  async run({ tell, quick }) {
    const { lines, rounds } = quick ? QUICK : FULL;
    const bed = await TestBed.start({ serverEnv: { DIBS_LOG_LIMIT_MIB: '1024' } });
    try {
      const figures: Record<string, Searched> = {};
      for (const kind of ['plain', 'coloured'] as const) {
        const writer = await LogWriter.start(bed, kind);
        await writer.write(lines);
        for (const [name, text] of Object.entries(TEXTS)) {
          const searched = await searchFor(bed, writer.jobId, text, rounds);
          const expected = name === 'found' ? lines / 1_000 : 0;
          if (searched.total !== expected) throw new Error(`${searched.total} lines were found, not ${expected}`);
          figures[`${kind} ${name}`] = searched;
          tell(`${kind} ${name}: ${JSON.stringify(searched)}`);
        }
        await writer.stop();
      }
      return figures satisfies Figures;
    } finally {
      await bed.stop();
    }
  },
};

interface Searched {
  readonly median_ms: number;
  readonly worst_ms: number;
  readonly total: number;
  /** Of each process for one search, in milliseconds. */
  readonly cpu_ms: CpuTimes;
}

async function searchFor(bed: TestBed, jobId: string, text: string, rounds: number): Promise<Searched> {
  const search = (): Promise<LogSearchPage> =>
    bed.api.call('GET', `/api/v1/jobs/${jobId}/logs/search?q=${encodeURIComponent(text)}`);
  // compiled, and the lines in PostgreSQL's memory as they are for who looks at the log
  const { total } = await search();
  const groups = { processes: { server: [bed.server.pid] }, postmasterPid: await bed.postgres.postmasterPid() };
  const before = readCpu(groups);
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAtMs = performance.now();
    await search();
    tookMs.push(Math.round(performance.now() - startedAtMs));
  }
  tookMs.sort((a, b) => a - b);
  return {
    median_ms: tookMs[Math.floor(rounds / 2)]!,
    worst_ms: tookMs.at(-1)!,
    total,
    cpu_ms: cpuPerJob(before, readCpu(groups), rounds * 1_000),
  };
}
