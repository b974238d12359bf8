import type { DatabaseSettings } from '../platform/settings.js';
import { StartupError } from '../platform/startup-error.js';
import { EmbeddedPostgresError } from './embedded/embedded-postgres-error.js';
import { startEmbeddedPostgres } from './embedded/embedded-postgres.js';

export interface OpenDatabase {
  readonly url: string;
  /** Does nothing to a database of somebody else. */
  stop(): Promise<void>;
}

/** The database of DATABASE_URL, else this project's own in the data folder. */
export async function openDatabase(settings: DatabaseSettings): Promise<OpenDatabase> {
  if (settings.url !== null) return { url: settings.url, stop: () => Promise.resolve() };
  try {
    return await startEmbeddedPostgres({ dataDir: settings.dataDir });
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw new StartupError(error.message, { cause: error });
    throw error;
  }
}
