import { machineClockMs } from '../support/clock.js';
import { IdleFleet } from '../support/idle-fleet.js';
import type { LogEntry } from '../support/part-process.js';
import { TestBed } from '../support/test-bed.js';
import type { Benchmark } from './benchmark.js';

const RUNNERS = 1_000;
/** Every tenth runner works when the server dies. */
const HELD_JOBS = 100;
const PROCESSES = 4;
const LOOK_EVERY_MS = 50;

export const reconnectStorm: Benchmark = {
  name: 'reconnect-storm',
  measures: `${RUNNERS} runners after kill -9 of the server, ${HELD_JOBS} of them with a running job`,
  async run({ tell, quick }) {
    const runners = quick ? 20 : RUNNERS;
    const heldJobs = quick ? 5 : HELD_JOBS;
    const bed = await TestBed.start();
    try {
      const fleet = await IdleFleet.open(bed, { instances: runners, hold: true, processes: quick ? 1 : PROCESSES });
      tell(`${runners} connected`);
      await holdJobs(bed, fleet, heldJobs);
      tell(`${heldJobs} jobs are held`);

      let fenced = 0;
      for (const process of fleet.processes) process.onEntry((entry) => (fenced += fencedIn(entry)));
      const allBack = fleet.allHear('back');
      const killedAtMs = machineClockMs();
      await bed.replaceServer();
      const listeningAfterMs = machineClockMs() - killedAtMs;
      let residentMebibytes = 0;
      const watch = setInterval(
        () => (residentMebibytes = Math.max(residentMebibytes, bed.server.residentMebibytes())),
        LOOK_EVERY_MS,
      );
      const backAtMs = (await allBack).map(({ atMs }) => Number(atMs));
      clearInterval(watch);
      tell('all back');

      const finished = fleet.allHear('finished');
      fleet.tell('finish');
      const refused = (await finished).reduce((sum, entry) => sum + Number(entry.refused), 0);
      const { rows } = await bed.database.query<{ succeeded: number }>(
        `SELECT count(*)::integer AS succeeded FROM jobs WHERE state = 'succeeded' AND attempt = 1`,
      );
      fleet.tell('end');
      return {
        all_back_s: seconds(Math.max(...backAtMs) - killedAtMs),
        server_listening_s: seconds(listeningAfterMs),
        server_rss_mb: residentMebibytes,
        leases_held: heldJobs,
        leases_lost: Math.max(fenced, refused, heldJobs - rows[0]!.succeeded),
      };
    } finally {
      await bed.stop();
    }
  },
};

async function holdJobs(bed: TestBed, fleet: IdleFleet, count: number): Promise<void> {
  const granted = fleet.hearsTimes('holding', count);
  const jobs = Array.from({ length: count }, () => ({ steps: [{ run: 'true' }] }));
  await bed.api.call('POST', '/api/v1/jobs/bulk', { jobs });
  await granted;
}

function fencedIn({ msg, count }: LogEntry): number {
  return msg === 'fenced' ? Number(count) : 0;
}

function seconds(ms: number): number {
  return Math.round(ms / 10) / 100;
}
