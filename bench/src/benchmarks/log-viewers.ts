import { startLogViewers, viewerLatency } from '../support/live-log.js';
import type { Percentiles } from '../support/percentiles.js';
import { measureStoppedViewers } from '../support/stopped-viewers.js';
import { TestBed } from '../support/test-bed.js';
import type { Benchmark, Figures } from './benchmark.js';

const VIEWERS = 50;
const FULL = { watchMs: 15_000, sendMs: 20_000, viewers: VIEWERS };
const QUICK = { watchMs: 1_000, sendMs: 500, viewers: 4 };

/** 1,000 lines/s of 100 bytes, each with the time at which it is printed (`machineClockMs`). */
const PRINTS = `exec '${process.execPath}' -e '
  const line = () => (Number(process.hrtime.bigint() / 1000n) / 1000).toFixed(3).padEnd(99, ".") + "\\n";
  setInterval(() => process.stdout.write(Array.from({ length: 20 }, line).join("")), 20)'`;

/** Through a real runner: program, pipe, spool, server, database, and back to who watches. */
export const logViewers: Benchmark = {
  name: 'log-viewers',
  measures: `age of lines at their viewers, 1,000 lines/s from a real runner; memory while ${VIEWERS} viewers are stopped`,
  async run({ tell, quick }) {
    const { watchMs, sendMs, viewers } = quick ? QUICK : FULL;
    const seen: Record<string, Percentiles | null> = {};
    const bed = await TestBed.start();
    try {
      await bed.spawnRunners(1);
      const submit = { steps: [{ run: PRINTS, shell: 'sh' }] };
      const { id } = await bed.api.call<{ id: string }>('POST', '/api/v1/jobs', submit);
      for (const count of quick ? [viewers] : [1, viewers]) {
        seen[`viewers=${count}`] = await watched(bed, id, count, watchMs);
        tell(`${count} viewers: ${JSON.stringify(seen[`viewers=${count}`])}`);
      }
    } finally {
      await bed.stop();
    }
    return { line_age_ms: seen, stopped: await measureStoppedViewers(viewers, sendMs) } satisfies Figures;
  },
};

/** @returns the age of every line when a viewer had it */
async function watched(bed: TestBed, jobId: string, viewers: number, forMs: number): Promise<Percentiles | null> {
  const watching = await startLogViewers(bed, [jobId], viewers, { everyLine: true });
  await watching.hears('seen');
  await new Promise((resolve) => setTimeout(resolve, forMs));
  return viewerLatency(watching);
}
