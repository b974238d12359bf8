import type { JobDetail } from '@dibs/shared';
import { cpuPerLine, type CpuTimes, readCpu } from './cpu.js';
import { HttpApi } from './http-api.js';
import { startLogViewers, viewerLatency } from './live-log.js';
import type { PartProcess } from './part-process.js';
import type { Percentiles } from './percentiles.js';
import { TestBed } from './test-bed.js';

export interface LogStreams {
  readonly jobs: number;
  readonly batchLines: number;
  readonly viewers: number;
  /** Absent: as fast as batches are acknowledged. */
  readonly pauseMs?: number;
}

interface LogStreamsMeasured {
  readonly linesPerSecond: number;
  /** null: there were no viewers, or nothing was seen. */
  readonly viewerMs: Percentiles | null;
  readonly serverMebibytes: number;
  /** Microseconds for each line, by process. */
  readonly cpuPerLine: CpuTimes;
}

/** Jobs that stream lines of 100 bytes through a server that has just been started, each line committed and acknowledged. */
export async function measureLogStreams(
  streams: LogStreams,
  sendMs: number,
  postgres?: TestBed['postgres'],
): Promise<LogStreamsMeasured> {
  const bed = await TestBed.start(postgres ? { postgres } : {});
  try {
    const runners = await startLogRunners(bed, streams, sendMs);
    const ids = await startStreams(bed, runners, streams.jobs);
    const viewers = streams.viewers > 0 ? await startLogViewers(bed, ids, streams.viewers) : null;

    let serverMebibytes = 0;
    const look = (): number => (serverMebibytes = Math.max(serverMebibytes, bed.server.residentMebibytes()));
    const watch = setInterval(look, 200);
    const groups = {
      processes: { server: [bed.server.pid], runners: [runners.pid] },
      postmasterPid: await bed.postgres.postmasterPid(),
    };
    const [warm, sent] = [runners.hears('warm'), runners.hears('sent')];
    runners.tell('stream');
    await warm;
    const before = readCpu(groups);
    const { lines, seconds } = (await sent) as { lines: number; seconds: number };
    const cpu = perLine(before, readCpu(groups), lines);
    clearInterval(watch);
    const viewerMs = viewers ? await viewerLatency(viewers) : null;
    return { linesPerSecond: Math.round(lines / seconds), viewerMs, serverMebibytes, cpuPerLine: cpu };
  } finally {
    await bed.stop();
  }
}

function perLine(before: CpuTimes, after: CpuTimes, lines: number): CpuTimes {
  const names = Object.keys(after);
  return Object.fromEntries(
    names.map((name) => [name, cpuPerLine({ [name]: before[name]! }, { [name]: after[name]! }, lines)]),
  );
}

/** A process of runners, each job of which will print lines once it is told to `stream`. */
export async function startLogRunners(
  bed: TestBed,
  { jobs, batchLines, pauseMs = 0 }: Omit<LogStreams, 'viewers'>,
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

/** @returns the ids of jobs that all run, and wait for the word */
export async function startStreams(bed: TestBed, runners: PartProcess, jobs: number): Promise<string[]> {
  // may be said before the last submit is answered
  const streaming = runners.hears('streaming');
  const body = { steps: [{ run: 'true' }] };
  const submits = Array.from({ length: jobs }, () => bed.api.call<JobDetail>('POST', '/api/v1/jobs', body));
  const ids = (await Promise.all(submits)).map((job) => job.id);
  await streaming;
  return ids;
}
