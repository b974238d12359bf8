import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Problem } from '@dibs/shared';
import { migrateDatabase } from '../../src/database/migrate-database.js';
import { StartupError } from '../../src/platform/startup-error.js';
import { startServer, type RunningServer } from '../../src/server.js';
import { eventually, withClient } from '../support/access-fixtures.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const BOOTSTRAP = {
  DIBS_BOOTSTRAP_CLIENT_ID: 'robot',
  DIBS_BOOTSTRAP_CLIENT_SECRET: 's'.repeat(30),
  DIBS_ADMIN_EMAIL: 'admin@test.example',
  DIBS_ADMIN_PASSWORD: 'correct horse',
};
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function environment(changes: Record<string, string> = {}): Record<string, string> {
  return {
    PORT: '0',
    DATABASE_URL: database.url,
    DIBS_DATABASE_POOL_SIZE: '4',
    DIBS_DATABASE_WAIT_SECONDS: '0',
    DIBS_ENCRYPTION_KEY: 'k'.repeat(32),
    TIME_SCALE: '0.05',
    LOG_LEVEL: 'silent',
    ...changes,
  };
}

async function refusal(changes: Record<string, string>): Promise<string> {
  const outcome = await startServer(environment(changes)).catch((error: unknown) => error);
  if (outcome instanceof StartupError) return outcome.message;
  await (outcome as Partial<RunningServer>).stop?.();
  throw new Error(`no StartupError: ${String(outcome)}`);
}

async function listeningServer(
  onSocket: (socket: Socket) => void = () => {},
): Promise<{ server: Server; port: number }> {
  const server = createServer(onSocket).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/** What PostgreSQL answers instead of a connection ("Message Formats" of its manual). */
function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

describe('a server that cannot run says why in one line', () => {
  test('the port is taken', async () => {
    const { server, port } = await listeningServer();
    expect(await refusal({ PORT: String(port) })).toBe(`PORT: 127.0.0.1:${port} is in use by another program`);
    server.close();
  });

  test('the address is not of this machine', async () => {
    expect(await refusal({ HOST: '192.0.2.1' })).toBe('HOST: this machine has no address 192.0.2.1');
  });

  test('nothing answers at DATABASE_URL', async () => {
    const { server, port } = await listeningServer();
    server.close();
    await once(server, 'close');
    const message = await refusal({ DATABASE_URL: `postgres://u:secret@127.0.0.1:${port}/d` });
    expect(message).toMatch(/^DATABASE_URL: cannot reach PostgreSQL \(.*ECONNREFUSED.*\)$/);
    expect(message).not.toContain('secret');
  });

  test('PostgreSQL is still starting when the wait for it is over', async () => {
    const { server, port } = await listeningServer((socket) => {
      socket.once('data', () => socket.end(errorResponse('57P03', 'the database system is starting up')));
    });
    const url = `postgres://u:secret@127.0.0.1:${port}/d`;
    const message = await refusal({ DATABASE_URL: url, DIBS_DATABASE_WAIT_SECONDS: '1' });
    expect(message).toBe('DATABASE_URL: cannot reach PostgreSQL within 1 s (the database system is starting up)');
    server.close();
  });

  test('commits would be answered before they are on disk', async () => {
    const url = new URL(database.url);
    url.searchParams.set('options', '-c synchronous_commit=off');
    expect(await refusal({ DATABASE_URL: url.href })).toMatch(/^DATABASE_URL: synchronous_commit is off/);
  });

  test('the bootstrap client belongs to somebody else', async () => {
    const own = await createTestDatabase();
    await withClient(own.url, (client) =>
      client.query(`
        WITH organization AS (
          INSERT INTO organizations (id, name) VALUES (gen_random_uuid(), 'somebody') RETURNING id
        )
        INSERT INTO service_principals (id, organization_id, name, client_id)
        SELECT gen_random_uuid(), id, 'theirs', 'robot' FROM organization`),
    );
    const message = await refusal({ ...BOOTSTRAP, DATABASE_URL: own.url });
    expect(message).toBe('DIBS_BOOTSTRAP_CLIENT_ID: belongs to another organization');
    await own.drop();
  });
});

describe('servers that start together', () => {
  test('on an empty database migrate it once and agree on who is there', async () => {
    const own = await createTestDatabase();
    await withClient(own.url, (client) => client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public'));
    const servers = await Promise.all(
      [1, 2, 3].map(() => startServer(environment({ ...BOOTSTRAP, DATABASE_URL: own.url }))),
    );
    try {
      const body = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'robot',
        client_secret: BOOTSTRAP.DIBS_BOOTSTRAP_CLIENT_SECRET,
      });
      const issued = await fetch(`${servers[0]!.url}/connect/token`, { method: 'POST', body });
      const { access_token: token } = (await issued.json()) as { access_token: string };
      for (const { url } of servers) {
        const reply = await fetch(`${url}/api/v1/session`, { headers: { authorization: `Bearer ${token}` } });
        expect(reply.status).toBe(200);
      }
      const counts = await withClient(own.url, (client) =>
        client.query(`SELECT (SELECT count(*)::int FROM organizations) AS organizations,
          (SELECT count(*)::int FROM users) AS users, (SELECT count(*)::int FROM service_principals) AS principals,
          (SELECT count(*)::int FROM service_principal_secrets) AS secrets`),
      );
      expect(counts.rows[0]).toEqual({ organizations: 1, users: 1, principals: 1, secrets: 1 });
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
      await own.drop();
    }
  });

  test('the second migration finds nothing to do', async () => {
    expect(await migrateDatabase(database.url)).toEqual([]);
  });

  test('changed bootstrap credentials replace the earlier ones', async () => {
    const own = await createTestDatabase();
    const grant = async (url: string, secret: string): Promise<number> => {
      const form = { grant_type: 'client_credentials', client_id: 'robot', client_secret: secret };
      return (await fetch(`${url}/connect/token`, { method: 'POST', body: new URLSearchParams(form) })).status;
    };
    const signIn = async (url: string, password: string): Promise<number> => {
      const body = JSON.stringify({ email: BOOTSTRAP.DIBS_ADMIN_EMAIL, password });
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${url}/api/v1/session`, { method: 'POST', body, headers })).status;
    };
    const first = await startServer(environment({ ...BOOTSTRAP, DATABASE_URL: own.url }));
    expect(await grant(first.url, BOOTSTRAP.DIBS_BOOTSTRAP_CLIENT_SECRET)).toBe(200);
    await first.stop();
    const changed = { DIBS_BOOTSTRAP_CLIENT_SECRET: 'n'.repeat(30), DIBS_ADMIN_PASSWORD: 'battery staple' };
    const second = await startServer(environment({ ...BOOTSTRAP, ...changed, DATABASE_URL: own.url }));
    expect(await grant(second.url, BOOTSTRAP.DIBS_BOOTSTRAP_CLIENT_SECRET)).toBe(401);
    expect(await grant(second.url, changed.DIBS_BOOTSTRAP_CLIENT_SECRET)).toBe(200);
    expect(await signIn(second.url, BOOTSTRAP.DIBS_ADMIN_PASSWORD)).toBe(401);
    expect(await signIn(second.url, changed.DIBS_ADMIN_PASSWORD)).toBe(200);
    await second.stop();
    await own.drop();
  });
});

describe('while the database is away', () => {
  test('requests are told to come back, and are served again once it is back', async () => {
    const target = new URL(database.url);
    const upstreamPort = Number(target.port);
    const sockets = new Set<Socket>();
    let isUp = true;
    const { server: proxy, port } = await listeningServer((socket) => {
      if (!isUp) return socket.destroy();
      const upstream = connect(upstreamPort, target.hostname);
      for (const end of [socket, upstream]) {
        sockets.add(end);
        end.on('error', () => end.destroy()).on('close', () => sockets.delete(end));
      }
      socket.pipe(upstream).pipe(socket);
      return socket;
    });
    target.port = String(port);
    const server = await startServer(environment({ ...BOOTSTRAP, DATABASE_URL: target.href }));
    const signIn = async (): Promise<[number, string | undefined]> => {
      const body = JSON.stringify({ email: BOOTSTRAP.DIBS_ADMIN_EMAIL, password: 'wrong' });
      const headers = { 'content-type': 'application/json' };
      const reply = await fetch(`${server.url}/api/v1/session`, { method: 'POST', body, headers });
      return [reply.status, ((await reply.json()) as Problem).code];
    };
    const ready = async (): Promise<number> => (await fetch(`${server.url}/health/ready`)).status;
    try {
      expect(await ready()).toBe(200);
      isUp = false;
      for (const socket of sockets) socket.destroy();
      await eventually(ready, (status) => status === 503);
      expect(await signIn()).toEqual([503, 'database_unavailable']);
      expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
      isUp = true;
      await eventually(ready, (status) => status === 200);
      expect(await signIn()).toEqual([401, 'wrong_credentials']);
    } finally {
      await server.stop();
      proxy.close();
      for (const socket of sockets) socket.destroy();
    }
  });
});

describe('the process', () => {
  const main = path.resolve('server/dist/main.js');

  function start(changes: Record<string, string>) {
    const child = spawn(process.execPath, [main], {
      env: { PATH: process.env.PATH ?? '', ...environment({ LOG_LEVEL: 'info', ...changes }) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => (output.stdout += chunk));
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => (output.stderr += chunk));
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    return { child, output, ended };
  }

  async function startedUrl(output: { stdout: string }): Promise<string> {
    const line = await eventually(
      () => Promise.resolve(output.stdout.split('\n').find((text) => text.includes('"msg":"listening"'))),
      (text) => text !== undefined,
    );
    return (JSON.parse(line!) as { url: string }).url;
  }

  test('ends with code 1 and one line when a setting is wrong', async () => {
    const { output, ended } = start({ TIME_SCALE: 'slow' });
    expect(await ended).toEqual([1, null]);
    expect(output).toEqual({ stdout: '', stderr: 'TIME_SCALE: must be a number above 0, at most 100\n' });
  });

  test('ends with code 1 and one line when the data folder cannot be used', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'dibs-startup-'));
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    const { output, ended } = start({ DATABASE_URL: '', DIBS_ENCRYPTION_KEY: '', DIBS_DATA_DIR: path.join(file, 'x') });
    expect(await ended).toEqual([1, null]);
    expect(output.stderr.trim().split('\n')).toHaveLength(1);
    expect(output.stderr).toContain(folder);
    await rm(folder, { recursive: true });
  });

  test.each(['SIGTERM', 'SIGINT', 'disconnect'] as const)(
    'ends with code 0 on %s, open connections or not',
    async (how) => {
      const { child, output } = start({});
      const exited = once(child, 'exit');
      const url = await startedUrl(output);
      const idle = connect(Number(new URL(url).port), '127.0.0.1');
      await once(idle, 'connect');
      // a request that never ends must not keep the server either
      idle.on('error', () => {}).write('POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{');
      const startedAtMs = performance.now();
      if (how === 'disconnect') child.disconnect();
      else child.kill(how);
      // 'close' never comes once the parent has disconnected
      expect(await exited).toEqual([0, null]);
      // far less than such a request may take
      expect(performance.now() - startedAtMs).toBeLessThan(30_000);
      expect(output.stderr).toBe('');
      idle.destroy();
    },
  );
});
