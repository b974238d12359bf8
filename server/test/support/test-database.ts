import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

export interface TestDatabase {
  /** Superuser connection string. */
  readonly url: string;
  /** @throws when a connection to it is still open: whoever was tested leaks it */
  drop(): Promise<void>;
}

/** A connection that was ended a moment ago may still be listed. */
const CONNECTIONS_CLOSE_WITHIN_MS = 60_000;

/** A migrated, empty database of its own, cloned from the template of scripts/jest-database.mjs. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const adminUrl = demand('DIBS_TEST_DATABASE_URL');
  const template = demand('DIBS_TEST_TEMPLATE');
  const name = `dibs_test_${randomBytes(6).toString('hex')}`;
  await asAdmin(adminUrl, async (client) => {
    const { rows } = await client.query<{ version: number }>(
      `SELECT current_setting('server_version_num')::int AS version`,
    );
    // copying files takes 14 ms instead of 60; PostgreSQL 14 knows nothing else
    const strategy = rows[0]!.version >= 150_000 ? 'STRATEGY file_copy' : '';
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} ${strategy}`);
  });
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asAdmin(adminUrl, (client) => drop(client, name)) };
}

async function drop(client: pg.Client, name: string): Promise<void> {
  let leaked = await openConnections(client, name);
  for (const deadline = Date.now() + CONNECTIONS_CLOSE_WITHIN_MS; leaked > 0 && Date.now() < deadline;) {
    await delay(20);
    leaked = await openConnections(client, name);
  }
  await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
  if (leaked > 0) throw new Error(`${leaked} connections to ${name} were left open`);
}

async function openConnections(client: pg.Client, name: string): Promise<number> {
  const { rows } = await client.query<{ open: number }>(
    `SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
    [name],
  );
  return rows[0]!.open;
}

async function asAdmin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function demand(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this through jest, whose global setup starts the database`);
  return value;
}
