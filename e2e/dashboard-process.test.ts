import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from './support/free-port.js';
import { PartProcess } from './support/part-process.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** The dashboard process in front of a server that the test plays. */
describe('the dashboard process', () => {
  let upstream: Server;
  let upstreamUrl: string;
  let dashboard: PartProcess;
  let url: string;
  let answer: Answer;

  beforeAll(async () => {
    upstream = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    upstreamUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    dashboard = start({ DASHBOARD_PORT: '0', DIBS_SERVER_URL: upstreamUrl });
    url = await listeningUrl(dashboard);
  });

  beforeEach(() => {
    answer = (_request, response) => void response.writeHead(500).end();
  });

  afterAll(async () => {
    await dashboard.kill();
    upstream.closeAllConnections();
    upstream.close();
  });

  test('a request goes up as it is: method, path, body, cookie and Origin', async () => {
    let seen: IncomingMessage | undefined;
    let body = '';
    answer = (request, response) => {
      seen = request;
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => response.writeHead(204).end());
    };
    const response = await fetch(`${url}/api/v1/things/a%2Fb?q=%20x`, {
      method: 'PATCH',
      headers: { cookie: 'dibs_session=1', origin: 'http://evil.example', 'x-forwarded-host': 'spoofed' },
      body: '{"a":1}',
    });
    expect(response.status).toBe(204);
    expect(seen?.method).toBe('PATCH');
    expect(seen?.url).toBe('/api/v1/things/a%2Fb?q=%20x');
    expect(body).toBe('{"a":1}');
    expect(seen?.headers).toMatchObject({ cookie: 'dibs_session=1', origin: 'http://evil.example' });
    expect(seen?.headers.host).toBe(new URL(upstreamUrl).host);
    expect(seen?.headers['x-forwarded-host']).toBeUndefined();
  });

  test('an answer comes down as it is: status, cookies, problem details', async () => {
    answer = (_request, response) => {
      response.writeHead(409, {
        'content-type': 'application/problem+json',
        'set-cookie': ['a=1; HttpOnly', 'b=2; Path=/'],
      });
      response.end('{"code":"conflict"}');
    };
    const response = await fetch(`${url}/api/v1/session`);
    expect(response.status).toBe(409);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.getSetCookie()).toEqual(['a=1; HttpOnly', 'b=2; Path=/']);
    expect(await response.json()).toEqual({ code: 'conflict' });
  });

  test('redirects are passed on and not followed', async () => {
    answer = (_request, response) => void response.writeHead(302, { location: 'http://elsewhere.example/' }).end();
    const response = await fetch(`${url}/api/docs`, { redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('http://elsewhere.example/');
  });

  test('a stream arrives while it is written, and ends upstream when its reader leaves', async () => {
    const closed = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' }).write('first line\n');
        response.once('close', () => resolve());
      };
    });
    const reader = new AbortController();
    const response = await fetch(`${url}/api/v1/jobs/1/logs?follow=true`, { signal: reader.signal });
    const { value } = await response.body!.getReader().read();
    expect(Buffer.from(value as Uint8Array).toString()).toBe('first line\n');
    reader.abort();
    await closed;
  });

  test('nothing but /api/ reaches the server, and pages carry their security headers', async () => {
    answer = () => {
      throw new Error('the server was asked');
    };
    const response = await fetch(`${url}/sign-in`);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    expect(response.headers.get('x-powered-by')).toBeNull();
    expect((await fetch(`${url}/connect/token`, { method: 'POST' })).status).toBe(404);
  });

  test('a page runs our scripts only, and every answer has a nonce of its own', async () => {
    const page = async (): Promise<{ policy: string; html: string }> => {
      const response = await fetch(`${url}/sign-in`, {
        headers: { 'content-security-policy': "script-src 'nonce-x'" },
      });
      return { policy: response.headers.get('content-security-policy')!, html: await response.text() };
    };
    const [first, second] = [await page(), await page()];
    expect(first.policy).toMatch(/script-src 'self' 'nonce-[\w+/]+={0,2}';/);
    expect(first.policy).not.toEqual(second.policy);
    const nonce = /'nonce-([^']+)'/.exec(first.policy)![1]!;
    const inline = [...first.html.matchAll(/<script(?![^>]*\bsrc=)([^>]*)>/g)].map((match) => match[1]!);
    expect(inline.length).toBeGreaterThan(1);
    expect(inline.filter((attributes) => !attributes.includes(`nonce="${nonce}"`))).toEqual([]);
  });

  test('an upgrade is refused and harms nothing', async () => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write('GET /api/socket.io/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'close');
    expect((await fetch(`${url}/sign-in`)).status).toBe(200);
  });

  test('a server that is not there is answered 502 with problem details', async () => {
    const alone = start({ DASHBOARD_PORT: '0', DIBS_SERVER_URL: `http://127.0.0.1:${await freePort()}` });
    const response = await fetch(`${await listeningUrl(alone)}/api/v1/session`);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ code: 'server_unreachable', status: 502 });
    alone.signal('SIGTERM');
    await alone.endsWithin(60_000);
    expect(alone.exitCode).toBe(0);
  });

  test.each([
    ['a taken port', () => ({ DASHBOARD_PORT: new URL(url).port }), /is already taken\. Set DASHBOARD_PORT/],
    ['a bad port', () => ({ DASHBOARD_PORT: 'http' }), /DASHBOARD_PORT is "http"/],
    ['a bad server address', () => ({ DIBS_SERVER_URL: 'localhost:3000' }), /DIBS_SERVER_URL is "localhost:3000"/],
  ])('%s ends the start with one line', async (_name, env, line) => {
    const refused = start(env());
    await refused.endsWithin(60_000);
    expect(refused.exitCode).toBe(1);
    const told = refused.said.filter((text) => text.startsWith('dashboard:'));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(line);
    expect(refused.said.join('\n')).not.toMatch(/^\s+at /m);
  });
});

function start(env: Record<string, string>): PartProcess {
  return new PartProcess('dashboard', 'dashboard/server.mjs', { HOST: '127.0.0.1', ...env });
}

function listeningUrl(dashboard: PartProcess): Promise<string> {
  return dashboard.hears('listening', (entry) => (entry['msg'] === 'listening' ? (entry['url'] as string) : undefined));
}
