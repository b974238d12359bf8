import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';

/** Starts the embedded database in a process of its own, writes a row, then does what it is told. */
const CHILD = path.resolve('server/test/support/embedded-postgres-user.mjs');

let dataDir: string;
const running: EmbeddedPostgres[] = [];

beforeEach(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'dibs-embedded-'));
});

afterEach(async () => {
  for (const database of running.splice(0)) await database.stop();
  fs.rmSync(dataDir, { recursive: true, force: true });
});

async function start(folder = dataDir): Promise<EmbeddedPostgres> {
  const database = await startEmbeddedPostgres({ dataDir: folder, durable: false });
  running.push(database);
  return database;
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return ((await client.query(sql)).rows[0] as Record<string, unknown> | undefined)?.answer;
  } finally {
    await client.end();
  }
}

function postmasterFile(): string {
  return path.join(dataDir, 'postgres', 'data', 'postmaster.pid');
}

describe('embedded PostgreSQL', () => {
  test('keeps its data, port and password over a restart', async () => {
    const first = await start();
    await ask(first.url, 'CREATE TABLE kept AS SELECT 7 AS answer');
    await first.stop();
    expect(fs.existsSync(postmasterFile())).toBe(false);
    const second = await start();
    expect(second.url).toBe(first.url);
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, 'SELECT answer FROM kept')).toBe(7);
  });

  test('asks for the password, which nobody else can read', async () => {
    const { url } = await start();
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(ask(wrong.href, 'SELECT 1 AS answer')).rejects.toThrow(/password authentication failed/);
    expect(fs.statSync(path.join(dataDir, 'postgres', 'password')).mode & 0o777).toBe(0o600);
    expect(await ask(url, `SELECT setting AS answer FROM pg_settings WHERE name = 'listen_addresses'`)).toBe(
      '127.0.0.1',
    );
  });

  test('is adopted after its server was killed, with everything that was committed', async () => {
    const child = spawn(process.execPath, [CHILD, dataDir, 'die'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    const { url, adopted } = await start();
    expect(adopted).toBe(true);
    expect(await ask(url, 'SELECT count(*)::int AS answer FROM written')).toBe(1);
  });

  test('serves servers that start on one folder at once, and outlives all but the last', async () => {
    const children = [1, 2, 3].map(() =>
      spawn(process.execPath, [CHILD, dataDir, 'leave'], { stdio: ['ignore', 'inherit', 'inherit'] }),
    );
    const codes = await Promise.all(children.map(async (child) => ((await once(child, 'exit')) as [number])[0]));
    expect(codes).toEqual([0, 0, 0]);
    expect(fs.existsSync(postmasterFile())).toBe(false);
    const { url } = await start();
    expect(await ask(url, 'SELECT count(*)::int AS answer FROM written')).toBe(3);
  });

  test('starts although the pid of its last run now belongs to somebody else', async () => {
    const first = await start();
    await first.stop();
    const port = new URL(first.url).port;
    fs.writeFileSync(postmasterFile(), `${process.pid}\n${dataDir}-elsewhere\n1\n${port}\n\n127.0.0.1\n1 2\nready\n`);
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, 'SELECT 1 AS answer')).toBe(1);
  });

  test('leaves an empty lock file alone, whose PostgreSQL may be about to write into it, but not for ever', async () => {
    await (await start()).stop();
    fs.writeFileSync(postmasterFile(), '');
    let started = false;
    const second = start().finally(() => (started = true));
    await delay(1_000);
    expect(started).toBe(false);
    expect(fs.existsSync(postmasterFile())).toBe(true);
    const longAgo = new Date(Date.now() - 60_000);
    fs.utimesSync(postmasterFile(), longAgo, longAgo);
    const { url } = await second;
    expect(await ask(url, 'SELECT 1 AS answer')).toBe(1);
  });

  test('starts anew while the one before waits for its clients to leave', async () => {
    const first = await start();
    const client = new pg.Client({ connectionString: first.url });
    client.on('error', () => undefined);
    await client.connect();
    const [pid] = fs.readFileSync(postmasterFile(), 'utf8').split('\n', 1);
    process.kill(Number(pid), 'SIGTERM');
    while (!/^stopping/m.test(fs.readFileSync(postmasterFile(), 'utf8'))) await delay(10);
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, 'SELECT 1 AS answer')).toBe(1);
    await client.end();
  });

  test('takes another port when its own is taken', async () => {
    const first = await start();
    await first.stop();
    const { createServer } = await import('node:net');
    const squatter = createServer().listen(Number(new URL(first.url).port), '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const second = await start();
      expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
    } finally {
      squatter.close();
    }
  });

  test.each(['/proc/dibs', '/dev/null', '/dev/null/below'])(
    'says in one line that %s is no data folder',
    async (folder) => {
      await expect(start(folder)).rejects.toThrow(
        /^The data folder \S+ cannot be used \(E[A-Z]+\); .*DIBS_DATA_DIR.*$/,
      );
    },
  );

  test('refuses data of another major version', async () => {
    await (await start()).stop();
    fs.writeFileSync(path.join(dataDir, 'postgres', 'data', 'PG_VERSION'), '12\n');
    await expect(start()).rejects.toThrow(/is of PostgreSQL 12/);
  });
});
