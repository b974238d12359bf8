import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Resends } from './resends.js';

const HEAD = 'GET /socket.io/ HTTP/1.1\r\nUpgrade: websocket\r\n\r\n';
const BATCH = { jobId: 'j', attempt: 1, firstSeq: 1, lines: ['a', 'b'] };
const STEP = { jobId: 'j', attempt: 1, step: 0 };
const RESULTS = { results: [{ jobId: 'j', attempt: 1 }] };

let nowMs: number;
let resends: Resends;
let listen: ReturnType<Resends['listener']>;
let connection: object;
let asked: number;

beforeEach(() => {
  nowMs = asked = 0;
  resends = new Resends(() => nowMs);
  listen = resends.listener('real');
  connect();
});
afterEach(() => resends.stop());

function connect(): void {
  connection = {};
  for (const way of ['up', 'down'] as const) listen(connection, way, Buffer.from(HEAD));
}

/** One frame, as a client (masked) or a server sends it, in two pieces. */
function frame(way: 'up' | 'down', text: string): void {
  const payload = Buffer.from(text);
  const mask = Buffer.from([1, 2, 3, 4]);
  if (way === 'up') payload.forEach((byte, at) => (payload[at] = byte ^ mask[at % 4]!));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(payload.length);
  const head = Buffer.concat([Buffer.from([0x81, 126 | (way === 'up' ? 0x80 : 0)]), length]);
  const whole = Buffer.concat([head, ...(way === 'up' ? [mask] : []), payload]);
  for (const piece of [whole.subarray(0, 7), whole.subarray(7)]) listen(connection, way, piece);
}

function say(event: string, message: object, answer?: object): void {
  frame('up', `42/runners,${(asked += 1)}${JSON.stringify([event, message])}`);
  if (answer) frame('down', `43/runners,${asked}${JSON.stringify([answer])}`);
}

/** As time passes when nobody is held up. */
function wait(ms: number): void {
  for (let passed = 0; passed < ms; passed += 100) {
    nowMs += 100;
    // the tick that the real clock would bring
    say('runner:renew', {});
    resends['tick']();
  }
}

const refused = (code: string, retryable: boolean) => ({ ok: false, code, retryable });

test.each([
  ['a step', 'step:finished', STEP, { ok: true }],
  ['a result', 'job:finished', RESULTS, { ok: true, results: [{ ok: true }] }],
  ['a claim', 'job:claim', { claims: [{ claimId: 'c' }] }, { ok: true, results: [{ ok: true }] }],
  ['a line of the log', 'job:log', BATCH, { ok: true, ackedSeq: 2 }],
  ['what was refused for good', 'step:started', STEP, refused('E_FENCED', false)],
] as const)('%s that is sent again at once is found', (_what, event, message, answer) => {
  say(event, message, answer);
  expect(resends.violations).toEqual([]);
  say(event, message, answer);
  expect(resends.violations).toEqual([expect.stringMatching(/^I14: real sent/)]);
  expect(resends.heard).toBe(2);
});

test('what a fault explains is right', () => {
  say('step:started', STEP, refused('E_UNAVAILABLE', true));
  say('step:started', STEP);
  wait(1_000);
  say('step:started', STEP, { ok: true });
  say('job:log', BATCH);
  say('job:finished', RESULTS, { ok: true, results: [refused('E_GAP', false)] });
  say('job:log', BATCH, { ok: true, ackedSeq: 2 });
  say('job:finished', RESULTS, { ok: true, results: [{ ok: true }] });
  connect();
  say('job:finished', RESULTS, { ok: true, results: [{ ok: true }] });
  // another step, other lines
  say('step:started', { ...STEP, step: 1 }, { ok: true });
  say('job:log', { ...BATCH, firstSeq: 3 }, { ok: true, ackedSeq: 4 });
  expect(resends.violations).toEqual([]);
});

test('nothing is held against anybody when the listener itself was held up', () => {
  say('step:started', STEP);
  nowMs += 400;
  say('step:started', STEP, { ok: true });
  expect(resends.violations).toEqual([]);
});
