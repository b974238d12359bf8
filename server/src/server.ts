import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { reasonOf } from './database/database-errors.js';
import { migrateDatabase } from './database/migrate-database.js';
import type { Patience } from './database/patiently.js';
import { openDatabase } from './database/open-database.js';
import { openLogArchive } from './log-archive/store/open-log-archive.js';
import type { ObjectStore } from './log-archive/store/object-store.js';
import { loadEncryptionKey } from './platform/load-encryption-key.js';
import { ShutdownState } from './platform/health/shutdown-state.js';
import { createHttpAdapter } from './platform/http/http-adapter.js';
import { serveOpenApi } from './platform/http/openapi.js';
import { ProblemFilter } from './platform/http/problem.filter.js';
import type { RouteTable } from './platform/http/route-table.js';
import { createValidationPipe } from './platform/http/validation.pipe.js';
import { createLogger } from './platform/logging/create-logger.js';
import { NestLogger } from './platform/logging/nest-logger.js';
import { readSettings } from './platform/settings.js';
import type { DatabaseSettings, HttpSettings, Settings } from './platform/settings.js';
import { StartupError } from './platform/startup-error.js';
import { SERVER_VERSION } from './platform/version.js';
import { SocketAdapter } from './runner-gateway/socket.adapter.js';

export interface RunningServer {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly databaseUrl: string;
  readonly routes: RouteTable;
  /** Finishes what is under way, cuts what does not end, closes everything. */
  stop(): Promise<void>;
}

/** Requests under way at a stop get this long; what still runs then (a followed log) is cut and comes back elsewhere. */
const STOP_GRACE_MS = 2_000;

/**
 * The whole server: database, schema, application, listening.
 *
 * @param environment as of a process; nothing else is read from the environment
 * @param stopping ends the wait for a database that cannot be reached yet; its reason is thrown then
 * @throws StartupError with one line for the operator
 */
export async function startServer(
  environment: Readonly<Record<string, string | undefined>>,
  stopping?: AbortSignal,
): Promise<RunningServer> {
  const settings = readSettings(environment);
  const logger = createLogger(settings.logging);
  const logArchive = await openLogArchive(settings.logArchive, (details, message) => logger.warn(details, message));
  const database = await openDatabase(settings.database);
  try {
    const migrated = await migrateDatabase(database.url, patience(settings.database, database.url, logger, stopping));
    if (migrated.length > 0) logger.info({ migrations: migrated }, 'database migrated');
    const { app, routes } = await createApplication(settings, database.url, logArchive, new NestLogger(logger));
    const url = await listen(app, settings.http);
    logger.info({ url, version: SERVER_VERSION }, 'listening');
    const stop = async (): Promise<void> => {
      await close(app);
      await database.stop();
      logger.info('stopped');
    };
    return { app, url, databaseUrl: database.url, routes, stop };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

function patience({ waitMs }: DatabaseSettings, url: string, logger: Logger, signal?: AbortSignal): Patience {
  const { host } = new URL(url);
  const onWaiting = (error: unknown): void =>
    logger.warn({ host, reason: reasonOf(error), upToSeconds: waitMs / 1_000 }, 'waiting for PostgreSQL');
  return { withinMs: waitMs, onWaiting, signal };
}

async function createApplication(
  settings: Settings,
  databaseUrl: string,
  logArchive: ObjectStore | null,
  logger: NestLogger,
): Promise<{ app: NestFastifyApplication; routes: RouteTable }> {
  const encryptionKey = await loadEncryptionKey(settings.encryption, settings.database.dataDir);
  const { adapter, routes } = await createHttpAdapter(settings.http);
  const module = AppModule.forRoot({ settings, encryptionKey, databaseUrl, logArchive });
  // without bodyParser: Nest's would take forms on every route
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger,
    bodyParser: false,
    abortOnError: false,
  });
  app.useWebSocketAdapter(new SocketAdapter(app));
  app.useGlobalFilters(new ProblemFilter(routes));
  app.useGlobalPipes(createValidationPipe());
  serveOpenApi(app, SERVER_VERSION);
  return { app, routes };
}

/** @returns the url that reaches it from this machine */
async function listen(app: NestFastifyApplication, http: HttpSettings): Promise<string> {
  try {
    await app.listen(http.port, http.host);
  } catch (error) {
    await close(app);
    throw describeListenError(error, http);
  }
  const address = app.getHttpServer().address();
  if (address === null || typeof address === 'string') throw new Error('The server has no address.');
  const wildcard = address.address === '0.0.0.0' || address.address === '::';
  const host = wildcard ? '127.0.0.1' : address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

function describeListenError(error: unknown, http: HttpSettings): unknown {
  const where = `${http.host}:${http.port}`;
  switch ((error as { code?: unknown }).code) {
    case 'EADDRINUSE':
      return new StartupError(`PORT: ${where} is in use by another program`, { cause: error });
    case 'EACCES':
      return new StartupError(`PORT: this user may not listen on ${where}`, { cause: error });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartupError(`HOST: this machine has no address ${http.host}`, { cause: error });
    default:
      return error;
  }
}

async function close(app: NestFastifyApplication): Promise<void> {
  app.get(ShutdownState).begin();
  const server = app.getHttpServer();
  const cut = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
  }
}
