import type { LogPage } from '@dibs/shared';
import { HttpApi } from './http-api.js';
import { startLogViewers } from './live-log.js';
import { startLogRunners, startStreams } from './log-streams.js';
import { TestBed } from './test-bed.js';

const STREAMS = { jobs: 20, batchLines: 500 } as const;
const LINE_BYTES = 100;

export interface StoppedViewers {
  readonly mb_per_s: number;
  readonly server_rss_mb: { readonly before: number; readonly peak: number };
  /** Those who follow by HTTP had every line in the end. */
  readonly lost_lines: number;
}

/**
 * Logs flow as fast as they are stored, while those who watch them are stopped as SIGSTOP does it: their connections
 * stay, and nothing is read from them. One half has live sockets and pulls, the other half follows by HTTP.
 */
export async function measureStoppedViewers(viewers: number, sendMs: number): Promise<StoppedViewers> {
  const bed = await TestBed.start();
  try {
    const runners = await startLogRunners(bed, STREAMS, sendMs);
    const ids = await startStreams(bed, runners, STREAMS.jobs);
    const followers = Math.floor(viewers / 2);
    const live = await startLogViewers(bed, ids, viewers - followers);
    const following = bed.spawn('log followers', 'bench/dist/workers/log-followers.js', {
      BENCH_URL: bed.url,
      BENCH_TOKEN: (await HttpApi.signIn(bed.url, bed.client)).token,
      BENCH_JOB_IDS: ids.join(','),
      BENCH_FOLLOWERS: String(followers),
    });
    await following.hears('following');

    for (const process of [live, following]) process.signal('SIGSTOP');
    const before = bed.server.residentMebibytes();
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, bed.server.residentMebibytes())), 50);
    const sent = runners.hears('sent');
    runners.tell('stream');
    const { lines, seconds } = (await sent) as { lines: number; seconds: number };
    clearInterval(watch);

    const followed = following.hears('followed');
    for (const process of [live, following]) process.signal('SIGCONT');
    const read = (await followed).lines as readonly number[];
    const lastSeqs = await Promise.all(
      ids.map(async (id) => (await bed.api.call<LogPage>('GET', `/api/v1/jobs/${id}/logs?format=json&tail=1`)).lastSeq),
    );
    const lost = read.map((count, index) => lastSeqs[index % ids.length]! - count);
    return {
      mb_per_s: Math.round((lines * LINE_BYTES) / seconds / 1e5) / 10,
      server_rss_mb: { before, peak },
      lost_lines: lost.reduce((sum, each) => sum + each, 0),
    };
  } finally {
    await bed.stop();
  }
}
