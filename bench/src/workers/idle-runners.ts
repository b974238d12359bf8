import type { GrantedJob, Welcome } from '@dibs/shared';
import { machineClockMs } from '../support/clock.js';
import { openRunners } from '../support/open-runners.js';
import type { ProtocolRunner } from '../support/protocol-runner.js';
import { say, setting } from '../support/worker-process.js';

/**
 * A process of many runner instances, each on a socket of its own. They say when they are granted a job. Then they
 * report it at once, or hold it until they are told to `finish` (BENCH_HOLD=true).
 */
const hold = setting('BENCH_HOLD') === 'true';
const count = Number(setting('BENCH_COUNT'));

/** Instances that were welcomed again after the server was gone. */
let back = 0;
let opened = false;
const runners = await openRunners(
  { count, first: Number(setting('BENCH_FIRST')) },
  {
    url: setting('BENCH_URL'),
    token: setting('BENCH_TOKEN'),
    slots: Number(setting('BENCH_SLOTS')),
    onJob: (runner, job) => void granted(runner, job),
    onWelcome: welcomed,
  },
);
opened = true;
say({ msg: 'connected', count });

process.on('message', (word) => {
  if (word === 'finish') void finishHeld();
  if (word !== 'end') return;
  for (const runner of runners) runner.close();
  process.disconnect();
});

async function granted(runner: ProtocolRunner, job: GrantedJob): Promise<void> {
  say({ msg: 'granted', jobId: job.jobId, atMs: machineClockMs() });
  if (hold) {
    await runner.startStep(job);
    return say({ msg: 'holding', jobId: job.jobId });
  }
  await runner.report(job);
  say({ msg: 'reported', jobId: job.jobId });
}

function welcomed(_runner: ProtocolRunner, { attempts }: Welcome): void {
  if (!opened) return;
  back += 1;
  const fenced = attempts.filter(({ standing }) => standing === 'fenced').length;
  if (fenced > 0) say({ msg: 'fenced', count: fenced });
  if (back === count) say({ msg: 'back', atMs: machineClockMs() });
}

async function finishHeld(): Promise<void> {
  const ends = runners.flatMap((runner) => runner.attempts.map((attempt) => runner.finish(attempt, 0)));
  const results = await Promise.allSettled(ends);
  const refused = results.filter(({ status }) => status === 'rejected').length;
  say({ msg: 'finished', accepted: results.length - refused, refused });
}
