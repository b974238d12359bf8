import { LIVE_NAMESPACE, type JobId, type LiveToServerEvents, type ServerToLiveEvents } from '@dibs/shared';
import { io, type Socket } from 'socket.io-client';
import { machineClockMs } from '../support/clock.js';
import { HttpApi } from '../support/http-api.js';
import { LogViewer } from '../support/log-viewer.js';
import { percentilesOf } from '../support/percentiles.js';
import { say, setting } from '../support/worker-process.js';

/**
 * A process of viewers as dashboards are: a live socket that hears that a log grew, and a cursor with which they pull.
 * It says on stdout how late the newest line of each pull was, once it is told to end.
 */
const SETTLING_MS = 1_000;

const url = setting('BENCH_URL');
const jobIds = setting('BENCH_JOB_IDS').split(',') as JobId[];
const viewers = Number(setting('BENCH_VIEWERS'));
const everyLine = setting('BENCH_EVERY_LINE') === 'true';
const api = await HttpApi.signIn(url, {
  clientId: setting('BENCH_CLIENT_ID'),
  clientSecret: setting('BENCH_CLIENT_SECRET'),
});

const lateMs: number[] = [];
/** Lines from before a job's runner knew that somebody watches came at the pace of an unwatched one. */
let countedFromMs = everyLine ? Infinity : 0;
const sockets: Socket[] = [];
await Promise.all(Array.from({ length: viewers }, (_, index) => open(jobIds[index % jobIds.length]!)));
say({ msg: 'watching' });
if (everyLine) countedFromMs = machineClockMs() + SETTLING_MS;
process.once('message', () => {
  say({ msg: 'viewed', pulls: lateMs.length, viewer_ms: lateMs.length === 0 ? null : percentilesOf(lateMs) });
  for (const socket of sockets) socket.disconnect();
  api.close();
  process.disconnect();
});

function note(late: number): void {
  if (machineClockMs() - late < countedFromMs) return;
  lateMs.push(late);
  if (lateMs.length === 1) say({ msg: 'seen' });
}

async function open(jobId: JobId): Promise<void> {
  const { ticket } = await api.call<{ ticket: string }>('POST', '/api/v1/live/ticket');
  const socket: Socket<ServerToLiveEvents, LiveToServerEvents> = io(url + LIVE_NAMESPACE, {
    transports: ['websocket'],
    auth: { ticket },
  });
  sockets.push(socket);
  const viewer = new LogViewer(api, jobId, note, everyLine);
  socket.on('job:log-grew', ({ upTo }) => void viewer.grew(upTo));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect_error', reject);
    socket.once('connect', () => {
      socket.emit('live:watch', { topic: 'job', jobId }, (reply) =>
        reply.ok ? resolve() : reject(new Error(`${reply.code}: ${reply.message}`)),
      );
    });
  });
}
