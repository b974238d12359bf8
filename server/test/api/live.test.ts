import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { io, type Socket } from 'socket.io-client';
import type {
  JobHint,
  JobId,
  JobSummary,
  LiveTicket,
  LiveTopic,
  Refusal,
  Reply,
  ServerToLiveEvents,
} from '@dibs/shared';
import { EventBus } from '../../src/events/event-bus.js';
import { LiveAudience } from '../../src/live/live-audience.js';
import { MAX_WAITING_FRAMES, type LiveViewer } from '../../src/live/live-viewer.js';
import { LogIngestService } from '../../src/logs/log-ingest.service.js';
import { LogWatchers } from '../../src/logs/log-watchers.js';
import {
  claimBySql,
  connect,
  defaultOrganization,
  eventually,
  makeTenant,
  makeToken,
  numberedLines,
  type Tenant,
} from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const REPLY_WITHIN_MS = 60_000;

let server: TestServer;
let client: pg.Client;
let foreign: Tenant;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = await startTestServer();
  client = await connect(server.databaseUrl);
  foreign = await makeTenant(client);
});

afterEach(() => sockets.splice(0).forEach((socket) => socket.disconnect()));

afterAll(async () => {
  await client.end();
  await server.stop();
});

async function ticket(token?: string, at = server): Promise<LiveTicket> {
  const response = await at.request<LiveTicket>('POST', '/api/v1/live/ticket', undefined, token ? { token } : {});
  expect(response.status).toBe(200);
  return response.body;
}

function dial(auth: object, extraHeaders: Record<string, string> = {}, at = server): Socket {
  const socket = io(`${at.url}/live`, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth,
    extraHeaders,
  });
  sockets.push(socket);
  return socket;
}

/** Everything a viewer was told. */
class Viewer {
  readonly jobs: JobHint[] = [];
  readonly job: JobHint[] = [];
  readonly logs: Parameters<ServerToLiveEvents['job:log-grew']>[0][] = [];
  runners = 0;
  pauses = 0;
  runs = 0;
  readonly disconnects: string[] = [];

  private constructor(readonly socket: Socket) {
    socket.on('jobs:changed', ({ jobs }: { jobs: JobHint[] }) => this.jobs.push(...jobs));
    socket.on('job:changed', (hint: JobHint) => this.job.push(hint));
    socket.on('job:log-grew', (hint: (typeof this.logs)[number]) => this.logs.push(hint));
    socket.on('runners:changed', () => (this.runners += 1));
    socket.on('pauses:changed', () => (this.pauses += 1));
    socket.on('runs:changed', () => (this.runs += 1));
    socket.on('disconnect', (reason) => this.disconnects.push(reason));
  }

  static async connect(token?: string, at = server): Promise<Viewer> {
    const socket = dial({ ticket: (await ticket(token, at)).ticket }, {}, at);
    const viewer = new Viewer(socket);
    await new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject));
    return viewer;
  }

  ask(event: string, message?: unknown): Promise<Reply> {
    return this.socket.timeout(REPLY_WITHIN_MS).emitWithAck(event, message) as Promise<Reply>;
  }

  async watch(topic: LiveTopic): Promise<void> {
    expect(await this.ask('live:watch', topic)).toEqual({ ok: true });
  }
}

const refusedBy = (socket: Socket): Promise<Refusal | Error> =>
  new Promise((resolve, reject) => {
    socket.on('connect', () => reject(new Error('it was let in')));
    socket.on('connect_error', (error: Error & { data?: Refusal }) => resolve(error.data ?? error));
  });

async function submit(token?: string): Promise<JobId> {
  const response = await server.request<JobSummary>(
    'POST',
    '/api/v1/jobs',
    { steps: [{ run: 'true' }] },
    token ? { token } : {},
  );
  expect(response.status).toBe(201);
  return response.body.id;
}

const cancel = (id: JobId) => server.request('POST', `/api/v1/jobs/${id}/cancel`);

describe('the ticket', () => {
  test('names the socket and is not kept by anybody', async () => {
    const response = await server.request<LiveTicket>('POST', '/api/v1/live/ticket');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.body.url).toBe(server.url);
  });

  test('is for whoever may read', async () => {
    expect((await server.request('POST', '/api/v1/live/ticket', undefined, { token: null })).status).toBe(401);
    const viewer = await makeToken(client, foreign.organizationId, 'viewer');
    await ticket(viewer);
  });

  test('opens one connection', async () => {
    const { ticket: once } = await ticket();
    const first = dial({ ticket: once });
    await new Promise<void>((resolve) => first.on('connect', resolve));
    expect(await refusedBy(dial({ ticket: once }))).toMatchObject({ ok: false, code: 'E_UNAUTHENTICATED' });
  });

  test.each([
    [{}],
    [{ ticket: 5 }],
    [{ ticket: '' }],
    [{ ticket: 'a.b' }],
    [{ ticket: {} }],
    [{ ticket: 'x'.repeat(10_000) }],
    [{ token: 'x' }],
  ])('may not be something else (%#)', async (auth) =>
    expect(await refusedBy(dial(auth))).toMatchObject({ ok: false, code: 'E_UNAUTHENTICATED' }),
  );

  test('may not be altered, nor be an access token', async () => {
    const { ticket: good } = await ticket();
    const [body, signature] = good.split('.') as [string, string];
    const content = JSON.parse(Buffer.from(body, 'base64url').toString()) as { caller: { organizationId: string } };
    content.caller.organizationId = foreign.organizationId;
    const altered = `${Buffer.from(JSON.stringify(content)).toString('base64url')}.${signature}`;
    for (const wrong of [altered, await server.token()]) {
      expect(await refusedBy(dial({ ticket: wrong }))).toMatchObject({ code: 'E_UNAUTHENTICATED' });
    }
  });

  test('does not help a foreign page', async () => {
    const socket = dial({ ticket: (await ticket()).ticket }, { origin: 'https://evil.example' });
    expect(await refusedBy(socket)).toBeInstanceOf(Error);
  });
});

describe('watching', () => {
  test('jobs: their changes, together', async () => {
    const viewer = await Viewer.connect();
    await viewer.watch({ topic: 'jobs' });
    const ids = [await submit(), await submit()];
    await eventually(
      () => viewer.jobs.map((hint) => hint.jobId),
      (seen) => ids.every((id) => seen.includes(id)),
    );
    await cancel(ids[0]!);
    const canceled = await eventually(
      () => viewer.jobs.find((hint) => hint.state === 'canceled'),
      (hint) => hint !== undefined,
    );
    // nothing but the hint: the organization and other fields of the event stay inside
    expect(canceled).toEqual({ jobId: ids[0], state: 'canceled', reason: 'canceled' });
    expect(viewer.job).toEqual([]);
  });

  test('a job: its changes and its log', async () => {
    const [id, other] = [await submit(), await submit()];
    const viewer = await Viewer.connect();
    await viewer.watch({ topic: 'job', jobId: id });
    const { jobId, attempt, claimToken, ...by } = await claimBySql(client, id);
    const ingest = server.app.get(LogIngestService, { strict: false });
    for (const firstSeq of [1, 4, 7]) {
      await ingest.append({ jobId, attempt, claimToken, firstSeq, lines: numberedLines(firstSeq, 3) }, by);
    }
    await eventually(
      () => viewer.logs.at(-1),
      (hint) => hint?.upTo === 9,
    );
    expect(viewer.logs.every((hint) => hint.jobId === id && hint.attempt === 1)).toBe(true);
    await cancel(other);
    await cancel(id);
    await eventually(
      () => viewer.job.length,
      (count) => count > 0,
    );
    expect(viewer.job.every((hint) => hint.jobId === id)).toBe(true);
    expect(viewer.jobs).toEqual([]);
  });

  test('runners', async () => {
    const viewer = await Viewer.connect();
    await viewer.watch({ topic: 'runners' });
    expect((await server.request('POST', '/api/v1/runners', { name: `live-${randomUUID()}` })).status).toBe(201);
    await eventually(
      () => viewer.runners,
      (count) => count > 0,
    );
  });

  test('pauses, maintenance included', async () => {
    const viewer = await Viewer.connect();
    await viewer.watch({ topic: 'pauses' });
    for (const [index, method] of ['POST', 'DELETE'].entries()) {
      const body = method === 'POST' ? { note: 'new disk' } : undefined;
      expect((await server.request(method, '/api/v1/maintenance', body)).status).toBeLessThan(300);
      await eventually(
        () => viewer.pauses,
        (count) => count > index,
      );
    }
    expect(viewer.runners).toBe(0);
  });

  test('runs of modules, and of stacks and namespaces', async () => {
    const viewer = await Viewer.connect();
    await viewer.watch({ topic: 'runs' });
    const bus = server.app.get(EventBus, { strict: false });
    const [organizationId, moduleId, runId] = [await defaultOrganization(client), randomUUID(), randomUUID()];
    const scope = { stackId: randomUUID(), namespaceId: null };
    for (const tell of [
      () => bus.publish('module_run.changed', { organizationId, moduleId, runId }),
      () => bus.publish('scope_run.changed', { organizationId, runId, ...scope }),
    ]) {
      const before = viewer.runs;
      tell();
      await eventually(
        () => viewer.runs,
        (count) => count > before,
      );
    }
  });

  test('counts as watching the log until it ends', async () => {
    const watchers = server.app.get(LogWatchers, { strict: false });
    const id = await submit();
    const [staying, leaving] = [await Viewer.connect(), await Viewer.connect()];
    for (const viewer of [staying, leaving, leaving]) await viewer.watch({ topic: 'job', jobId: id });
    expect(watchers.watchedAmong([id])).toEqual([id]);
    expect(await staying.ask('live:unwatch', { topic: 'job', jobId: id })).toEqual({ ok: true });
    expect(watchers.watchedAmong([id])).toEqual([id]);
    leaving.socket.disconnect();
    await eventually(
      () => watchers.watchedAmong([id]),
      (watched) => watched.length === 0,
    );
  });

  test('ends with unwatch', async () => {
    const viewer = await Viewer.connect();
    const [quiet, loud] = [await submit(), await submit()];
    await viewer.watch({ topic: 'job', jobId: quiet });
    await viewer.watch({ topic: 'job', jobId: loud });
    expect(await viewer.ask('live:unwatch', { topic: 'job', jobId: quiet })).toEqual({ ok: true });
    await cancel(quiet);
    await cancel(loud);
    await eventually(
      () => viewer.job.map((hint) => hint.jobId),
      (seen) => seen.includes(loud),
    );
    expect(viewer.job.some((hint) => hint.jobId === quiet)).toBe(false);
  });
});

describe('other organizations', () => {
  test('a foreign job looks like a missing one', async () => {
    const id = await submit();
    const viewer = await Viewer.connect(foreign.token);
    const foreignReply = await viewer.ask('live:watch', { topic: 'job', jobId: id });
    expect(foreignReply).toMatchObject({ ok: false, code: 'E_NOT_FOUND', retryable: false });
    expect(await viewer.ask('live:watch', { topic: 'job', jobId: randomUUID() })).toEqual(foreignReply);
  });

  test('nothing of ours reaches them', async () => {
    const [theirs, ours] = [await Viewer.connect(foreign.token), await Viewer.connect()];
    for (const viewer of [theirs, ours]) {
      await viewer.watch({ topic: 'jobs' });
      await viewer.watch({ topic: 'runners' });
    }
    const id = await submit();
    await server.request('POST', '/api/v1/runners', { name: `live-${randomUUID()}` });
    await eventually(
      () => ours.jobs.length + ours.runners,
      () => ours.jobs.length > 0 && ours.runners > 0,
    );
    // a hint of their own comes after anything that could have leaked
    const their = await submit(foreign.token);
    await eventually(
      () => theirs.jobs.length,
      (count) => count > 0,
    );
    // a job may be hinted at more than once: when nobody can take it, say
    const told = (viewer: Viewer) => viewer.jobs.map((hint) => hint.jobId);
    expect(told(theirs)).toContain(their);
    expect(told(theirs)).not.toContain(id);
    expect(theirs.runners).toBe(0);
    expect(told(ours)).toContain(id);
    expect(told(ours)).not.toContain(their);
  });
});

describe('trouble', () => {
  test.each([
    [undefined],
    [null],
    ['jobs'],
    [[]],
    [{}],
    [{ topic: 'all' }],
    [{ topic: 'job' }],
    [{ topic: 'job', jobId: "' OR 1=1" }],
    [{ topic: 'job', jobId: 5 }],
  ])('a topic may not be %j', async (message) => {
    const viewer = await Viewer.connect();
    for (const event of ['live:watch', 'live:unwatch']) {
      expect(await viewer.ask(event, message)).toMatchObject({ ok: false, code: 'E_VALIDATION' });
    }
  });

  test('an unknown event gets its answer, one without acknowledgement does no harm', async () => {
    const viewer = await Viewer.connect();
    viewer.socket.emit('live:watch', { topic: 'jobs' });
    viewer.socket.emit('live:watch', 'nonsense', 1, null);
    expect(await viewer.ask('job:claim', {})).toMatchObject({ ok: false, code: 'E_VALIDATION' });
    expect(await viewer.ask('live:watch', { topic: 'jobs' })).toEqual({ ok: true });
    expect(viewer.disconnects).toEqual([]);
  });

  test('topics are bounded', async () => {
    const viewer = await Viewer.connect();
    const jobs = Array.from({ length: 101 }, () => ({ steps: [{ run: 'true' }] }));
    const { body } = await server.request<{ items: JobSummary[] }>('POST', '/api/v1/jobs/bulk', { jobs });
    const replies = [];
    for (const { id } of body.items) replies.push(await viewer.ask('live:watch', { topic: 'job', jobId: id }));
    expect(replies.filter((reply) => reply.ok)).toHaveLength(100);
    expect(replies.at(-1)).toMatchObject({ ok: false, code: 'E_RATE_LIMITED' });
  });

  test.each(['revoked', 'given another role'])('a socket closes when its token is %s', async (how) => {
    const organizationId = await defaultOrganization(client);
    const token = await makeToken(client, organizationId, 'operator');
    const [falling, staying] = [await Viewer.connect(token), await Viewer.connect()];
    const change = how === 'given another role' ? `role = 'viewer'` : 'revoked_at = clock_timestamp()';
    await client.query(`UPDATE api_tokens SET ${change} WHERE name = 'operator-token' AND organization_id = $1`, [
      organizationId,
    ]);
    await eventually(
      () => falling.disconnects,
      (reasons) => reasons.length > 0,
    );
    expect(falling.disconnects).toEqual(['io server disconnect']);
    expect(staying.disconnects).toEqual([]);
  });
});

test('a viewer that stops reading costs a few frames, disturbs nobody, and catches up', async () => {
  // slow enough pings that it is not the missing pong that ends the test
  const other = await startTestServer({ TIME_SCALE: '0.5' });
  const database = await connect(other.databaseUrl);
  let flood: NodeJS.Timeout | undefined;
  try {
    const organizationId = await defaultOrganization(database);
    const bus = other.app.get(EventBus, { strict: false });
    const [slow, reading] = [await Viewer.connect(undefined, other), await Viewer.connect(undefined, other)];
    for (const viewer of [slow, reading]) await viewer.watch({ topic: 'jobs' });
    const publish = (): JobId => {
      const jobId = randomUUID() as JobId;
      bus.publish('job.changed', { organizationId, jobId, state: 'queued', reason: null });
      return jobId;
    };
    const raw = rawSocketOf(slow.socket);
    raw.pause();
    flood = setInterval(() => Array.from({ length: 1000 }, publish), 10);
    const waiting = (): number[] => other.app.get(LiveAudience, { strict: false }).all().map(framesWaitingFor);
    // the buffers of the system are full, and from here on it would cost the server's memory
    await eventually(
      () => Math.max(...waiting()),
      (frames) => frames > MAX_WAITING_FRAMES,
    );
    const told = reading.jobs.length;
    await eventually(
      () => reading.jobs.length,
      (jobs) => jobs > told + 10_000,
    );
    expect(Math.max(...waiting())).toBeLessThanOrEqual(MAX_WAITING_FRAMES + 6);
    clearInterval(flood);
    const last = publish();
    raw.resume();
    await eventually(
      () => slow.jobs.at(-1)?.jobId,
      (jobId) => jobId === last,
    );
    expect([slow.disconnects, reading.disconnects]).toEqual([[], []]);
  } finally {
    clearInterval(flood);
    sockets.splice(0).forEach((socket) => socket.disconnect());
    await database.end();
    await other.stop();
  }
});

interface RawSocket {
  pause(): void;
  resume(): void;
}

/** The TCP socket below socket.io, engine.io and ws. */
function rawSocketOf(socket: Socket): RawSocket {
  return (socket.io.engine as unknown as { transport: { ws: { _socket: RawSocket } } }).transport.ws._socket;
}

/** On the server's side. */
function framesWaitingFor(viewer: LiveViewer): number {
  const { socket } = viewer as unknown as { socket: { conn: { writeBuffer: unknown[] } } };
  return socket.conn.writeBuffer.length;
}
