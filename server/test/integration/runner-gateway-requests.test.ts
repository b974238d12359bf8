import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PROTOCOL_VERSION, type Refusal } from '@dibs/shared';
import {
  ConnectRefused,
  FakeRunner,
  HELLO,
  createRunner,
  eventually,
  fetchRunnerToken,
  heldOf,
  submitJob,
  type FakeRunnerOptions,
  type RunnerCredentials,
} from '../support/fake-runner.js';
import { fakeRunners, instanceNamed } from '../support/fake-runners.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let runner: RunnerCredentials;
const { online, connect, noted } = fakeRunners();
const refusalOf = async (options: FakeRunnerOptions): Promise<Refusal | null> => {
  const error: unknown = await connect(server, runner, options).catch((reason: unknown) => reason);
  if (!(error instanceof ConnectRefused)) throw new Error('the handshake was accepted');
  return error.refusal;
};

beforeAll(async () => {
  server = await startTestServer({ TIME_SCALE: '1' });
  runner = await createRunner(server);
});
afterAll(() => server.stop());

describe('the handshake', () => {
  test.each<[string, FakeRunnerOptions, string]>([
    ['an invented token', { token: 'a.b.c' }, 'E_UNAUTHENTICATED'],
    ['an empty token', { token: '' }, 'E_VALIDATION'],
    ['a version of the future', { protocolVersion: PROTOCOL_VERSION + 1 }, 'E_PROTOCOL_VERSION'],
    ['a version that is no number', { protocolVersion: 'one' as never }, 'E_PROTOCOL_VERSION'],
    ['an instance name with a slash', { instance: '../etc' }, 'E_VALIDATION'],
    ['an instance name that is too long', { instance: 'x'.repeat(300) }, 'E_VALIDATION'],
    ['a boot id that is no UUID', { bootId: 'boot' }, 'E_VALIDATION'],
  ])('with %s is refused', async (_what, options, code) => {
    expect(await refusalOf(options)).toMatchObject({ ok: false, code, retryable: false });
  });

  test('with the token of a principal that is no runner is refused', async () => {
    expect(await refusalOf({ token: await server.token() })).toMatchObject({ code: 'E_FORBIDDEN', retryable: false });
  });

  test('of a disabled runner is refused until it is enabled', async () => {
    const disabled = await createRunner(server);
    const token = await fetchRunnerToken(server, disabled);
    await server.request('PATCH', `/api/v1/runners/${disabled.runnerId}`, { disabled: true });
    expect(await refusalOf({ token })).toMatchObject({ code: expect.stringMatching(/E_FORBIDDEN|E_UNAUTHENTICATED/) });
  });

  test('from a page of a foreign origin is answered 403 at the upgrade', async () => {
    expect(await upgradeStatus(server.url, 'https://evil.example')).toBe(403);
    expect(await upgradeStatus(server.url, 'null')).toBe(403);
    expect(await upgradeStatus(server.url, server.url)).toBe(101);
  });

  test('is over before any message counts, even one of the same burst', async () => {
    const fake = noted(FakeRunner.create(server, await fetchRunnerToken(server, runner)));
    const answers = new Promise<unknown[]>((resolve) => {
      const replies: unknown[] = [];
      const keep = (reply: unknown): void => void (replies.push(reply) === 2 && resolve(replies));
      // sent by socket.io as soon as the namespace is joined, in one burst
      fake.socket.emit('runner:hello', HELLO, keep);
      fake.socket.emit('job:claim', { claims: [{ claimId: randomUUID(), jobId: randomUUID() }] }, keep);
    });
    fake.socket.connect();
    const [first, second] = await answers;
    expect([first, second]).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ok: true, sessionId: expect.any(String) }),
        expect.objectContaining({ ok: false, code: 'E_UNAUTHENTICATED' }),
      ]),
    );
  });

  test('of a stranger opens nothing: messages sent with it are never handled', async () => {
    const fake = FakeRunner.create(server, 'a.b.c');
    let answered = false;
    fake.socket.emit('runner:hello', HELLO, () => (answered = true));
    const refused = new Promise((resolve) => fake.socket.once('connect_error', resolve));
    fake.socket.connect();
    await refused;
    fake.close();
    expect(answered).toBe(false);
  });
});

describe('every request', () => {
  test('before hello is refused', async () => {
    const fake = await connect(server, runner);
    for (const event of ['runner:renew', 'job:claim', 'step:started', 'step:finished', 'job:log', 'job:finished']) {
      expect(await fake.request(event, {})).toMatchObject({ ok: false, code: 'E_UNAUTHENTICATED' });
    }
    expect(await fake.hello()).toMatchObject({ ok: true });
    expect(await fake.hello()).toMatchObject({ ok: false, code: 'E_CONFLICT' });
  });

  const garbage = [
    null,
    7,
    'text',
    [],
    [[]],
    {},
    { held: 'x' },
    { claims: [null] },
    { jobId: 'x' },
    { unknown: 1 },
    Buffer.from('x'),
  ];
  test.each([
    'runner:renew',
    'job:claim',
    'step:started',
    'step:finished',
    'job:log',
    'job:finished',
    'no:such',
    'constructor',
  ])('%s with a message of no class gets exactly one answer and no exception event', async (event) => {
    const fake = await online(server, runner);
    let answers = 0;
    const replies = await Promise.all(
      garbage.map(
        (message) =>
          new Promise<Refusal>((resolve) => {
            fake.socket.emit(event, message, (reply: Refusal) => {
              answers += 1;
              resolve(reply);
            });
          }),
      ),
    );
    // whatever would come twice has come before this is answered
    expect(await fake.renew()).toMatchObject({ ok: true });
    expect(answers).toBe(garbage.length);
    expect(new Set(replies.map((reply) => reply.code))).toEqual(new Set(['E_VALIDATION']));
    expect(fake.received.filter((each) => each.event === 'exception')).toEqual([]);
    expect(fake.socket.connected).toBe(true);
  });

  test('hello with a message of no class is refused, and a good one still counts', async () => {
    const fake = await connect(server, runner);
    for (const message of [
      ...garbage,
      { ...HELLO, slots: 0 },
      { ...HELLO, slots: 1e9 },
      { ...HELLO, labels: { a: 1 } },
    ]) {
      expect(await fake.request('runner:hello', message)).toMatchObject({ ok: false, code: 'E_VALIDATION' });
    }
    expect(await fake.hello()).toMatchObject({ ok: true });
  });

  test('without an acknowledgement callback ends the connection', async () => {
    const fake = await online(server, runner);
    fake.socket.emit('runner:renew', { held: [], freeSlots: 1, draining: false });
    expect((await fake.until('session:ended')).message).toMatchObject({ code: 'E_VALIDATION', retryable: false });
    await fake.disconnected;
  });

  test('that is too large is told so; one far too large closes the connection', async () => {
    const fake = await online(server, runner);
    const job = await fake.take(await submitJob(server));
    const line = (length: number) => [1, 0, 'o', 'x'.repeat(length)];
    const large = { ...heldOf(job), firstSeq: 1, lines: Array.from({ length: 5 }, () => line(60_000)) };
    expect(await fake.request('job:log', large)).toMatchObject({ ok: false, code: 'E_TOO_LARGE', retryable: false });
    await fake.complete(job);
    fake.socket.emit('job:log', { ...large, lines: [line(1_000_000)] }, () => undefined);
    await fake.disconnected;
    const shown = await eventually(
      () => instanceNamed(server, runner, fake.instance),
      ({ status }) => status === 'offline',
    );
    expect(shown.disconnectReason).toMatch(/1009|too large/);
  });

  test('of a flood is answered, until enough is enough', async () => {
    const fake = await connect(server, runner);
    const codes = new Set<string>();
    for (let sent = 0; sent < 20_000; sent += 1) {
      fake.socket.emit('no:such', null, (reply: Refusal) => codes.add(reply.code));
    }
    expect((await fake.until('session:ended')).message).toMatchObject({ code: 'E_RATE_LIMITED' });
    await fake.disconnected;
    expect(codes).toContain('E_RATE_LIMITED');
  });
});

/** Asks for a websocket as a browser does. */
function upgradeStatus(url: string, origin: string): Promise<number> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    origin,
  };
  return new Promise((resolve, reject) => {
    const asked = httpRequest(`${url}/socket.io/?EIO=4&transport=websocket`, { headers });
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    asked.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode!);
    });
    asked.on('error', reject);
    asked.end();
  });
}
