/**
 * Before the first test that needs it: a PostgreSQL of our own (or the one of DIBS_TEST_DATABASE_URL) and in it one
 * migrated template database, which the tests clone (server/test/support/test-database.ts).
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';

const PREFIX = 'dibs-test-';

export default async function startTestDatabase() {
  const started = {};
  globalThis.dibsTestDatabase = started;
  if (!process.env.DIBS_TEST_DATABASE_URL) {
    await removeLeftovers();
    started.folder = fs.mkdtempSync(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`));
    started.postgres = await embedded(started.folder);
    process.env.DIBS_TEST_DATABASE_URL = started.postgres.url;
  }
  const adminUrl = process.env.DIBS_TEST_DATABASE_URL;
  started.template = `dibs_template_${randomBytes(4).toString('hex')}`;
  await execute(adminUrl, `CREATE DATABASE ${started.template}`);
  await migrate(urlOf(adminUrl, started.template));
  process.env.DIBS_TEST_TEMPLATE = started.template;
}

export async function stopTestDatabase() {
  const { postgres, folder, template } = globalThis.dibsTestDatabase ?? {};
  if (!postgres && template) await execute(process.env.DIBS_TEST_DATABASE_URL, `DROP DATABASE IF EXISTS ${template}`);
  await postgres?.stop();
  if (folder) fs.rmSync(folder, { recursive: true, force: true });
}

async function embedded(dataDir) {
  const { startEmbeddedPostgres } = await import('../server/dist/database/embedded/embedded-postgres.js');
  return startEmbeddedPostgres({ dataDir, durable: false });
}

async function migrate(url) {
  const { migrateDatabase } = await import('../server/dist/database/migrate-database.js');
  await migrateDatabase(url);
}

async function execute(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function urlOf(adminUrl, database) {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** Of test runs that were killed: their databases would run for ever. */
async function removeLeftovers() {
  for (const name of fs.readdirSync(os.tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = path.join(os.tmpdir(), name);
    const pid = Number.parseInt(name.slice(PREFIX.length), 10);
    if (isAlive(pid) || fs.lstatSync(folder).uid !== process.getuid?.()) continue;
    if (fs.existsSync(path.join(folder, 'postgres', 'data', 'postmaster.pid'))) await (await embedded(folder)).stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
