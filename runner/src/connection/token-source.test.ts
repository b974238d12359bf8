import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RefusedError } from './link-errors.js';
import { TokenSource } from './token-source.js';

describe('TokenSource', () => {
  let server: Server;
  let url: string;
  let answer: { status: number; body: string; headers?: Record<string, string> };
  const requests: string[] = [];

  beforeEach(async () => {
    requests.length = 0;
    server = createServer((request, response) => {
      requests.push(request.headers.authorization ?? '');
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const source = (nowMs: () => number = () => 0) =>
    new TokenSource(url, () => Promise.resolve({ clientId: 'a:b', clientSecret: 'ä c' }), 5000, nowMs);

  test('keeps a token until a tenth of its life is left', async () => {
    let nowMs = 0;
    const tokens = source(() => nowMs);
    answer = { status: 200, body: '{"access_token":"one","expires_in":900}' };
    expect(await tokens.get()).toBe('one');
    answer = { status: 200, body: '{"access_token":"two","expires_in":900}' };
    nowMs = 809_999;
    expect(await tokens.get()).toBe('one');
    nowMs = 810_000;
    expect(await tokens.get()).toBe('two');
  });

  test('asks anew for a token that the server did not accept', async () => {
    const tokens = source();
    answer = { status: 200, body: '{"access_token":"one","expires_in":900}' };
    await tokens.get();
    tokens.forget();
    await tokens.get();
    expect(requests).toHaveLength(2);
  });

  test('form-encodes both parts of the credentials before it joins them', async () => {
    answer = { status: 200, body: '{"access_token":"one","expires_in":900}' };
    await source().get();
    expect(Buffer.from((requests[0] ?? '').slice('Basic '.length), 'base64').toString()).toBe('a%3Ab:%C3%A4+c');
  });

  test.each([
    [401, '{"error":"invalid_client"}', 'E_UNAUTHENTICATED', false],
    [429, '{}', 'E_RATE_LIMITED', true],
    [503, 'no JSON', 'E_UNAVAILABLE', true],
  ])('HTTP %i is a refusal with its own word on retries', async (status, body, code, retryable) => {
    answer = { status, body };
    const refused = (await source()
      .get()
      .catch((error: unknown) => error)) as RefusedError;
    expect(refused).toBeInstanceOf(RefusedError);
    expect(refused.refusal).toMatchObject({ code, retryable });
  });

  test('waits as long as Retry-After says', async () => {
    answer = { status: 429, body: '{}', headers: { 'retry-after': '7' } };
    await expect(source().get()).rejects.toMatchObject({ refusal: { retryAfterMs: 7000 } });
  });

  test('an answer that is no token names the address', async () => {
    answer = { status: 200, body: '{"hello":"world"}' };
    await expect(source().get()).rejects.toThrow(`${url}/connect/token`);
  });
});
