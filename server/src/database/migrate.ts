import { StartupError } from '../platform/startup-error.js';
import { migrateDatabase } from './migrate-database.js';

/** `npm run db:migrate`: brings the database of DATABASE_URL up to date and ends. */
async function main(): Promise<void> {
  const url = process.env.DATABASE_URL;
  if (!url) throw new StartupError('DATABASE_URL: must name the database to migrate');
  const done = await migrateDatabase(url);
  for (const name of done) process.stdout.write(`migrated: ${name}\n`);
  if (done.length === 0) process.stdout.write('The database is up to date.\n');
}

main().catch((error: unknown) => {
  process.stderr.write(error instanceof StartupError ? `${error.message}\n` : `${String(error)}\n`);
  process.exitCode = 1;
});
