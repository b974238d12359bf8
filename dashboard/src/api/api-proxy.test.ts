import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createApiProxy } from '../../api-proxy.mjs';

interface Received {
  readonly line: string;
  readonly body: string;
}

let upstream: Server;
let dashboard: Server;
let received: Received[];

beforeEach(async () => {
  received = [];
  upstream = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      received.push({ line: `${request.method} ${request.url}`, body });
      response.end('ok');
    });
  });
  await listen(upstream);
  dashboard = createServer(createApiProxy(new URL(`http://127.0.0.1:${portOf(upstream)}`)));
  await listen(dashboard);
});
afterEach(() => {
  for (const server of [dashboard, upstream]) {
    server.close();
    server.closeAllConnections();
  }
});

const HIDDEN = 'GET /api/v1/hidden HTTP/1.1\r\nHost: x\r\n\r\n';

test.each(['GET', 'DELETE', 'POST'])('the body of a %s is never taken for the next request', async (method) => {
  const head = `${method} /api/v1/first HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`;
  const chunked = `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`;
  expect(await send(`${head}Content-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`)).toMatch(/^HTTP\/1\.1 200 /);
  expect(await send(`${head}Transfer-Encoding: chunked\r\n\r\n${chunked}`)).toMatch(/^HTTP\/1\.1 200 /);
  expect(await send('GET /api/v1/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  const first = { line: `${method} /api/v1/first`, body: HIDDEN };
  expect(received).toEqual([first, first, { line: 'GET /api/v1/last', body: '' }]);
});

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function send(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(portOf(dashboard), '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}
