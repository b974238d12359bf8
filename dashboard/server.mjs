/**
 * The dashboard process: pages by Next, `/api/` passed on to the server. It takes no websockets and holds no
 * privileges; whoever it serves acts with their own cookie.
 */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createApiProxy } from './api-proxy.mjs';
import { applyPagePolicy } from './page-policy.mjs';
import { readSettings } from './settings.mjs';

process.env.NODE_ENV = 'production';
process.env.NEXT_TELEMETRY_DISABLED = '1';

const dir = fileURLToPath(new URL('.', import.meta.url));

try {
  await start(readSettings(process.env));
} catch (error) {
  console.error(`dashboard: ${error.message}`);
  process.exit(1);
}

async function start({ port, host, serverUrl }) {
  if (!existsSync(`${dir}.next/BUILD_ID`)) throw new Error('it is not built yet. Run: npx next build dashboard');
  const { default: next } = await import('next');
  const app = next({ dev: false, dir, customServer: true, quiet: true });
  await app.prepare();

  const renderPage = app.getRequestHandler();
  const proxy = createApiProxy(serverUrl);
  const server = createServer((request, response) => {
    if (request.url.startsWith('/api/')) return proxy(request, response);
    applyPagePolicy(request, response);
    void renderPage(request, response);
  });
  server.keepAliveTimeout = 75_000; // longer than the idle time of usual balancers, which else answer 502
  server.headersTimeout = 20_000;
  server.requestTimeout = 120_000;

  await listen(server, port, host);
  // Next adds a listener of its own with its first request; sockets go to the server, never through here.
  server.on('upgrade', (_request, socket) => socket.destroy());
  console.log(JSON.stringify({ level: 30, time: Date.now(), msg: 'listening', url: urlOf(server, host) }));

  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(signal, () => stop(server));
}

function listen(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(listenProblem(error, port, host))));
    server.listen(port, host, resolve);
  });
}

function listenProblem(error, port, host) {
  if (error.code === 'EADDRINUSE') return `port ${port} on ${host} is already taken. Set DASHBOARD_PORT to a free one.`;
  if (error.code === 'EACCES') return `no permission to listen on port ${port}. Set DASHBOARD_PORT to 1024 or higher.`;
  return `cannot listen on ${host}:${port} (${error.code ?? error.message}). Check HOST and DASHBOARD_PORT.`;
}

function urlOf(server, host) {
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${server.address().port}`;
}

/** Running answers get a moment to end; a followed log would never end by itself. */
function stop(server) {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), 1_000).unref();
}
