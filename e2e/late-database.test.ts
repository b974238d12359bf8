import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../server/src/database/embedded/embedded-postgres.js';
import { PartProcess } from './support/part-process.js';

/** A server on a machine, or in a cluster, that starts everything at once. */
let folder: string;
let database: EmbeddedPostgres;
let server: PartProcess;

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dibs-late-'));
  database = await startDatabase();
});

afterEach(async () => {
  if (server.running) await server.kill();
  await database.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

test('a server that starts before its database waits for it, and says so', async () => {
  await database.stop();
  server = startServer(database.url);
  const { host } = new URL(database.url);
  expect(await waits(server)).toMatchObject({ level: 'warn', host, reason: `connect ECONNREFUSED ${host}` });
  const { url } = database;
  database = await startDatabase();
  expect(database.url).toBe(url);
  const address = await server.hears('listening', ({ msg, url: at }) => (msg === 'listening' ? String(at) : undefined));
  expect((await fetch(`${address}/health/ready`)).status).toBe(200);
});

test('one that waits ends at once when it is told to', async () => {
  await database.stop();
  server = startServer(database.url);
  await waits(server);
  server.signal('SIGTERM');
  await server.endsWithin(60_000);
  expect(server.exitCode).toBe(0);
});

test.each([
  ['a wrong password', (url: URL) => (url.password = 'wrong'), /password authentication failed/],
  ['no such database', (url: URL) => (url.pathname = '/nowhere'), /database "nowhere" does not exist/],
])('for %s nobody waits', async (_name, spoil, words) => {
  const url = new URL(database.url);
  spoil(url);
  server = startServer(url.href);
  await server.endsWithin(60_000);
  expect(server.exitCode).toBe(1);
  expect(server.said).toEqual([expect.stringMatching(/^DATABASE_URL: cannot reach PostgreSQL \(/)]);
  expect(server.said[0]).toMatch(words);
});

function startDatabase(): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDir: folder, durable: false });
}

/** Patient for much longer than a test may take. */
function startServer(url: string): PartProcess {
  return new PartProcess('server', 'server/dist/main.js', {
    PORT: '0',
    DATABASE_URL: url,
    DIBS_DATABASE_WAIT_SECONDS: '3600',
    DIBS_ENCRYPTION_KEY: 'k'.repeat(32),
  });
}

function waits(process: PartProcess): Promise<Record<string, unknown>> {
  return process.hears('waiting', (entry) => (entry['msg'] === 'waiting for PostgreSQL' ? entry : undefined));
}
