import type { ClientCredentials, JobDetail } from '@dibs/shared';
import { HttpApi } from '../support/http-api.js';
import type { PartProcess } from '../support/part-process.js';
import type { Percentiles } from '../support/percentiles.js';
import { TestBed } from '../support/test-bed.js';
import type { Benchmark, Figures } from './benchmark.js';

const SEND_MS = 4_000;
const VIEWERS = 50;

interface Setting {
  readonly jobs: number;
  readonly batchLines: number;
  readonly viewers: number;
  /** Absent: as fast as batches are acknowledged. */
  readonly pauseMs?: number;
}

/** How fast it goes at all: with viewers who then are always behind, as they pull all of it. */
const FULL_SPEED: readonly Setting[] = [500, 50].flatMap((batchLines) =>
  [1, 20, 200].flatMap((jobs) => [0, VIEWERS].map((viewers) => ({ jobs, batchLines, viewers }))),
);
/** How soon a viewer sees a line: jobs that print 200 lines/s each, as builds do. */
const AS_BUILDS_PRINT: readonly Setting[] = [1, 20].map((jobs) => ({
  jobs,
  batchLines: 10,
  viewers: VIEWERS,
  pauseMs: 50,
}));

const QUICK: readonly Setting[] = [
  { jobs: 2, batchLines: 50, viewers: 1 },
  { jobs: 1, batchLines: 10, viewers: 1, pauseMs: 50 },
];

export const logIngest: Benchmark = {
  name: 'log-ingest',
  measures: `lines/s committed and acknowledged, 1, 20 and 200 jobs, 0 and ${VIEWERS} viewers; runner-to-viewer latency`,
  async run({ tell, quick }) {
    const linesPerSecond: Record<string, number> = {};
    const viewerMs: Record<string, Percentiles> = {};
    let serverRss = 0;
    for (const setting of quick ? QUICK : [...FULL_SPEED, ...AS_BUILDS_PRINT]) {
      const name = nameOf(setting);
      const { rate, latency, residentMebibytes } = await measure(setting, quick ? 500 : SEND_MS);
      serverRss = Math.max(serverRss, residentMebibytes);
      if (setting.pauseMs === undefined) linesPerSecond[name] = rate;
      else if (latency) viewerMs[name] = latency;
      tell(`${name}: ${rate} lines/s, viewers ${JSON.stringify(latency)}, server ${residentMebibytes} MiB`);
    }
    return { lines_per_s: linesPerSecond, viewer_ms: viewerMs, server_rss_mb: serverRss } satisfies Figures;
  },
};

function nameOf({ jobs, batchLines, viewers, pauseMs }: Setting): string {
  return `jobs=${jobs} batch=${batchLines} viewers=${viewers}${pauseMs === undefined ? '' : ` paced=${pauseMs}ms`}`;
}

async function measure(setting: Setting, sendMs: number) {
  const bed = await TestBed.start();
  try {
    const runners = await startRunners(bed, setting, sendMs);
    const ids = await submitAll(bed, setting.jobs);
    await runners.hears('streaming');
    const viewers = setting.viewers > 0 ? await startViewers(bed, ids, setting.viewers) : null;

    let residentMebibytes = 0;
    const watch = setInterval(
      () => (residentMebibytes = Math.max(residentMebibytes, bed.server.residentMebibytes())),
      200,
    );
    const sent = runners.hears('sent');
    runners.tell('stream');
    const { lines, seconds } = (await sent) as { lines: number; seconds: number };
    clearInterval(watch);
    const latency = viewers ? await latencyOf(viewers) : null;
    return { rate: Math.round(lines / seconds), latency, residentMebibytes };
  } finally {
    await bed.stop();
  }
}

async function startRunners(
  bed: TestBed,
  { jobs, batchLines, pauseMs = 0 }: Setting,
  sendMs: number,
): Promise<PartProcess> {
  const credentials = await bed.runnerCredentials();
  const { token } = await HttpApi.signIn(bed.url, credentials);
  const runners = bed.spawn('log runners', 'bench/dist/workers/log-runners.js', {
    BENCH_URL: bed.url,
    BENCH_TOKEN: token,
    BENCH_JOBS: String(jobs),
    BENCH_BATCH_LINES: String(batchLines),
    BENCH_SEND_MS: String(sendMs),
    BENCH_PAUSE_MS: String(pauseMs),
  });
  await runners.hears('connected');
  return runners;
}

async function submitAll(bed: TestBed, jobs: number): Promise<string[]> {
  const body = { steps: [{ run: 'true' }] };
  const submits = Array.from({ length: jobs }, () => bed.api.call<JobDetail>('POST', '/api/v1/jobs', body));
  return (await Promise.all(submits)).map((job) => job.id);
}

async function startViewers(bed: TestBed, jobIds: readonly string[], count: number): Promise<PartProcess> {
  const { clientId, clientSecret }: ClientCredentials = bed.client;
  const viewers = bed.spawn('log viewers', 'bench/dist/workers/log-viewers.js', {
    BENCH_URL: bed.url,
    BENCH_JOB_IDS: jobIds.slice(0, count).join(','),
    BENCH_VIEWERS: String(count),
    BENCH_CLIENT_ID: clientId,
    BENCH_CLIENT_SECRET: clientSecret,
  });
  await viewers.hears('watching');
  return viewers;
}

async function latencyOf(viewers: PartProcess): Promise<Percentiles | null> {
  const viewed = viewers.hears('viewed');
  viewers.tell('end');
  return (await viewed).viewer_ms as Percentiles | null;
}
