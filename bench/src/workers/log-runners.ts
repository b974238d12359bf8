import { setTimeout as delay } from 'node:timers/promises';
import type { GrantedJob, HeldAttempt, WireLogLine } from '@dibs/shared';
import { machineClockMs } from '../support/clock.js';
import { LogText } from '../support/log-text.js';
import { openRunners } from '../support/open-runners.js';
import { attemptOf, type ProtocolRunner } from '../support/protocol-runner.js';
import { say, setting } from '../support/worker-process.js';

/**
 * A process of scripted runners that stream logs: settings in the environment, one JSON line on stdout when every job
 * has sent for SEND_MS. Lines are 100 bytes and begin with the time they were made at.
 */
const url = setting('BENCH_URL');
const token = setting('BENCH_TOKEN');
const jobs = Number(setting('BENCH_JOBS'));
const batchLines = Number(setting('BENCH_BATCH_LINES'));
const sendMs = Number(setting('BENCH_SEND_MS'));
/** 0: as fast as batches are acknowledged. */
const pauseMs = Number(setting('BENCH_PAUSE_MS'));

const SOCKETS = Math.min(jobs, 20);
const IN_FLIGHT = 4;
/** A server that has just been started is still being compiled. */
const WARM_UP_MS = Math.min(2_000, sendMs);
const texts = new LogText();

const granted: { runner: ProtocolRunner; job: GrantedJob }[] = [];
let allGranted = (): void => undefined;
const ready = new Promise<void>((resolve) => (allGranted = resolve));
const slots = Math.ceil(jobs / SOCKETS);
const runners = await openRunners(
  { count: SOCKETS },
  {
    ...{ url, token, slots },
    onJob: (runner, job) => {
      granted.push({ runner, job });
      if (granted.length === jobs) allGranted();
    },
  },
);
say({ msg: 'connected' });
await ready;
await Promise.all(granted.map(({ runner, job }) => runner.startStep(job)));
const attempts = granted.map(({ runner, job }) => ({ runner, attempt: attemptOf(job) }));
say({ msg: 'streaming' });
process.once('message', () => void stream());

async function stream(): Promise<void> {
  const before = await streamAll(0, WARM_UP_MS);
  say({ msg: 'warm' });
  const startedAtMs = performance.now();
  const lastSeqs = await streamAll(before, sendMs);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const lines = lastSeqs.reduce((sum, lastSeq, index) => sum + lastSeq - before[index]!, 0);
  await Promise.all(attempts.map(({ runner, attempt }, index) => runner.finish(attempt, lastSeqs[index]!)));
  say({ msg: 'sent', lines, seconds });
  for (const runner of runners) runner.close();
  process.disconnect();
}

/** @param after the last line of each job so far. @returns the same afterwards */
function streamAll(after: readonly number[] | 0, forMs: number): Promise<number[]> {
  const until = performance.now() + forMs;
  return Promise.all(
    attempts.map(({ runner, attempt }, index) => streamOne(runner, attempt, after === 0 ? 0 : after[index]!, until)),
  );
}

/** @returns the last committed line */
async function streamOne(runner: ProtocolRunner, attempt: HeldAttempt, after: number, until: number): Promise<number> {
  let nextSeq = after + 1;
  let committed = after;
  const inFlight = new Set<Promise<void>>();
  while (performance.now() < until) {
    const firstSeq = nextSeq;
    nextSeq += batchLines;
    const sent: Promise<void> = runner.log(attempt, firstSeq, makeLines()).then((ackedSeq) => {
      committed = Math.max(committed, ackedSeq);
      inFlight.delete(sent);
    });
    inFlight.add(sent);
    if (inFlight.size >= IN_FLIGHT) await Promise.race(inFlight);
    if (pauseMs > 0) await delay(pauseMs);
  }
  await Promise.all(inFlight);
  if (committed !== nextSeq - 1) throw new Error(`${nextSeq - 1} lines sent, ${committed} committed`);
  return committed;
}

function makeLines(): WireLogLine[] {
  const atMs = Date.now();
  const head = `${machineClockMs().toFixed(3)} `;
  return Array.from({ length: batchLines }, () => [atMs, 0, 'o', texts.line(head)] as const);
}
