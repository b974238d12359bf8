import { DataSource, MigrationExecutor } from 'typeorm';
import type { QueryRunner } from 'typeorm';
import { StartupError } from '../platform/startup-error.js';
import { migrationOptions } from './data-source.js';
import { isDatabaseUnavailable, reasonOf } from './database-errors.js';
import { NO_PATIENCE, patiently, type Patience } from './patiently.js';

/** Any number, the same in every server: who holds this lock migrates. */
const MIGRATION_LOCK = 6_144_927_701;
const OLDEST_VERSION = 140_000;

/**
 * Brings the database up to date, once, however many servers start at the same time. Lock and migrations share one
 * connection, so that a lost connection cannot leave a second server migrating beside the first.
 *
 * @returns names of the migrations that were run now
 * @throws StartupError when the database cannot be used as it is
 */
export async function migrateDatabase(url: string, patience = NO_PATIENCE): Promise<string[]> {
  const dataSource = await connect(url, patience);
  try {
    const runner = dataSource.createQueryRunner();
    await refuseUnfit(runner);
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const done = await new MigrationExecutor(dataSource, runner).executePendingMigrations();
    return done.map((migration) => migration.name);
  } finally {
    // ends the session, and with it the lock
    await dataSource.destroy();
  }
}

async function connect(url: string, patience: Patience): Promise<DataSource> {
  const { withinMs, signal } = patience;
  try {
    return await patiently(() => new DataSource(migrationOptions(url)).initialize(), patience);
  } catch (error) {
    if (error === signal?.reason) throw error;
    const inTime = withinMs > 0 && isDatabaseUnavailable(error) ? ` within ${withinMs / 1000} s` : '';
    throw new StartupError(`DATABASE_URL: cannot reach PostgreSQL${inTime} (${reasonOf(error)})`, { cause: error });
  }
}

async function refuseUnfit(runner: QueryRunner): Promise<void> {
  const version = Number(await show(runner, 'server_version_num'));
  if (version < OLDEST_VERSION) {
    throw new StartupError(`DATABASE_URL: PostgreSQL 14 or newer is needed, this is ${Math.floor(version / 10_000)}`);
  }
  // an acknowledged job must survive a crash of the database: with "off" a commit is answered before it is on disk
  if ((await show(runner, 'synchronous_commit')) === 'off') {
    throw new StartupError('DATABASE_URL: synchronous_commit is off for this database or user; Dibs needs it on');
  }
}

async function show(runner: QueryRunner, setting: string): Promise<string | undefined> {
  const rows = (await runner.query(`SHOW ${setting}`)) as Record<string, string>[];
  return rows[0]?.[setting];
}
