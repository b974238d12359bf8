import type { ClientCredentials } from '@dibs/shared';
import type { PartProcess } from './part-process.js';
import type { Percentiles } from './percentiles.js';
import type { TestBed } from './test-bed.js';

/**
 * Viewers in a process of their own, each of one of the jobs in turn; they are there when it returns.
 *
 * @param options.everyLine the age of every line counts, not that of the newest of each pull
 */
export async function startLogViewers(
  bed: TestBed,
  jobIds: readonly string[],
  count: number,
  { everyLine = false } = {},
): Promise<PartProcess> {
  const { clientId, clientSecret }: ClientCredentials = bed.client;
  const viewers = bed.spawn('log viewers', 'bench/dist/workers/log-viewers.js', {
    BENCH_URL: bed.url,
    BENCH_JOB_IDS: jobIds.slice(0, count).join(','),
    BENCH_VIEWERS: String(count),
    BENCH_EVERY_LINE: String(everyLine),
    BENCH_CLIENT_ID: clientId,
    BENCH_CLIENT_SECRET: clientSecret,
  });
  await viewers.hears('watching');
  return viewers;
}

/** Ends them. @returns how old lines were when they were pulled; null: nothing was */
export async function viewerLatency(viewers: PartProcess): Promise<Percentiles | null> {
  const viewed = viewers.hears('viewed');
  viewers.tell('end');
  return (await viewed).viewer_ms as Percentiles | null;
}
