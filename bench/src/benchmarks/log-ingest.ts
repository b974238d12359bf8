import type { CpuTimes } from '../support/cpu.js';
import { type LogStreams, measureLogStreams } from '../support/log-streams.js';
import type { Percentiles } from '../support/percentiles.js';
import type { Benchmark, Figures } from './benchmark.js';

const SEND_MS = 4_000;
const VIEWERS = 50;

/** How fast it goes at all: with viewers who then are always behind, as they pull all of it. */
const FULL_SPEED: readonly LogStreams[] = [500, 50].flatMap((batchLines) =>
  [1, 20, 200].flatMap((jobs) => [0, VIEWERS].map((viewers) => ({ jobs, batchLines, viewers }))),
);
/** How soon a viewer sees a line: jobs that print 200 lines/s each, as builds do. */
const AS_BUILDS_PRINT: readonly LogStreams[] = [1, 20].map((jobs) => ({
  jobs,
  batchLines: 10,
  viewers: VIEWERS,
  pauseMs: 50,
}));

const QUICK: readonly LogStreams[] = [
  { jobs: 2, batchLines: 50, viewers: 1 },
  { jobs: 1, batchLines: 10, viewers: 1, pauseMs: 50 },
];

export const logIngest: Benchmark = {
  name: 'log-ingest',
  measures: `lines/s committed and acknowledged, 1, 20 and 200 jobs, 0 and ${VIEWERS} viewers; runner-to-viewer latency`,
  async run({ tell, quick }) {
    const linesPerSecond: Record<string, number> = {};
    const viewerMs: Record<string, Percentiles> = {};
    const cpuPerLine: Record<string, CpuTimes> = {};
    let serverRss = 0;
    for (const setting of quick ? QUICK : [...FULL_SPEED, ...AS_BUILDS_PRINT]) {
      const name = nameOf(setting);
      const measured = await measureLogStreams(setting, quick ? 500 : SEND_MS);
      serverRss = Math.max(serverRss, measured.serverMebibytes);
      if (setting.pauseMs === undefined) linesPerSecond[name] = measured.linesPerSecond;
      else if (measured.viewerMs) viewerMs[name] = measured.viewerMs;
      cpuPerLine[name] = measured.cpuPerLine;
      tell(`${name}: ${JSON.stringify(measured)}`);
    }
    const figures = {
      lines_per_s: linesPerSecond,
      viewer_ms: viewerMs,
      server_rss_mb: serverRss,
      ...derived(linesPerSecond),
    };
    return { ...figures, cpu_us_per_line: cpuPerLine } satisfies Figures;
  },
};

/** Of the lines/s: the slowest number of jobs in relation to the fastest, and what the viewers take of them, in percent. */
function derived(linesPerSecond: Readonly<Record<string, number>>): Figures {
  const flatness: Record<string, number> = {};
  const viewersCost: Record<string, number> = {};
  for (const batchLines of new Set(FULL_SPEED.map((each) => each.batchLines))) {
    const settings = FULL_SPEED.filter((each) => each.batchLines === batchLines);
    const rates = (viewers: number): number[] =>
      settings.filter((each) => each.viewers === viewers).flatMap((each) => linesPerSecond[nameOf(each)] ?? []);
    const [alone, watched] = [rates(0), rates(VIEWERS)];
    if (alone.length === 0 || watched.length !== alone.length) continue;
    flatness[`batch=${batchLines}`] = rounded(Math.min(...alone) / Math.max(...alone));
    viewersCost[`batch=${batchLines}`] = rounded(100 * (1 - sum(watched) / sum(alone)));
  }
  return { slowest_to_fastest_jobs: flatness, viewers_cost_percent: viewersCost };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function nameOf({ jobs, batchLines, viewers, pauseMs }: LogStreams): string {
  return `jobs=${jobs} batch=${batchLines} viewers=${viewers}${pauseMs === undefined ? '' : ` paced=${pauseMs}ms`}`;
}
