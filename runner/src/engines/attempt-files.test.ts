import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { JobId } from '@dibs/shared';
import { AttemptFiles, FileRefused } from './attempt-files.js';

let http: Server;
let answers: { status: number; body?: string | Buffer }[];
let tokens: string[];
beforeEach(async () => {
  [answers, tokens] = [[], []];
  http = createServer((request, response) => {
    tokens.push(request.headers.authorization ?? '');
    // a body that is not read could be cut off before the answer
    request.resume().on('end', () => {
      const { status, body } = answers.shift() ?? { status: 503 };
      response.writeHead(status).end(body);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  http.close();
  http.closeAllConnections();
});

function create() {
  const events: string[] = [];
  let token = 1;
  const files = new AttemptFiles({
    serverUrl: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    tokens: { get: () => Promise.resolve(`token-${token}`), forget: () => void (token += 1) },
    held: { jobId: 'job' as JobId, attempt: 1, claimToken: 'claim' },
    retry: { firstMs: 1, capMs: 2 },
    onFenced: () => void events.push('fenced'),
    onTrouble: (why) => void events.push(why),
  });
  return { files, events, alive: new AbortController() };
}

test.each([
  [403, '{"code":"fenced"}', ['fenced']],
  [403, '{"code":"forbidden"}', []],
  [404, '', []],
  [409, '{"code":"plan_stored","detail":"Another plan is stored."}', []],
  [413, 'not json', []],
])('HTTP %i %s is not tried again', async (status, body, expected) => {
  const { files, events, alive } = create();
  answers.push({ status, body });
  await expect(files.putPlan(Buffer.from('plan'), alive.signal)).rejects.toThrow(FileRefused);
  expect(events).toEqual(expected);
  expect(tokens).toHaveLength(1);
});

test('what may pass is tried again, and said once; a token that has ended is not used again', async () => {
  const { files, events, alive } = create();
  answers.push(...[503, 500, 429, 408, 401].map((status) => ({ status })), { status: 200, body: 'bytes' });
  expect(await files.getPlan(alive.signal)).toEqual(Buffer.from('bytes'));
  expect(events).toEqual(['the server answered with HTTP 503 (no detail)']);
  expect(tokens).toEqual([...Array<string>(5).fill('Bearer token-1'), 'Bearer token-2']);
});

test('it is over with the attempt', async () => {
  const { files, alive } = create();
  const putting = files.putOutputs({}, alive.signal);
  while (tokens.length < 3) await new Promise((resolve) => setImmediate(resolve));
  alive.abort(new Error('the attempt is over'));
  await expect(putting).rejects.not.toThrow(FileRefused);
});

test('an answer that is too long is not kept', async () => {
  const { files, alive } = create();
  answers.push({ status: 200, body: Buffer.alloc(100 * 1024, ' ') });
  await expect(files.putPlan(Buffer.from('plan'), alive.signal)).rejects.toThrow('more than 65536 bytes');
});
