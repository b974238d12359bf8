import { once } from 'node:events';
import { pino } from 'pino';
import { startServer } from './server.js';
import type { RunningServer } from './server.js';
import { StartupError } from './platform/startup-error.js';

/** A stop that hangs must not keep the process: whoever stopped it waits a few seconds, then kills. */
const STOP_DEADLINE_MS = 8_000;

async function main(): Promise<void> {
  const fatal = pino({ base: null, formatters: { level: (label) => ({ level: label }) } });
  // after one of these nothing in this process can be trusted; a restart recovers everything from the database
  const die = (kind: string) => (error: unknown) => {
    fatal.fatal({ err: error }, kind);
    process.exit(1);
  };
  process.on('uncaughtException', die('uncaught exception'));
  process.on('unhandledRejection', die('unhandled rejection'));

  const stopping = new AbortController();
  const stopRequested = once(stopping.signal, 'abort');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());
  // the script that started this process is gone
  process.on('disconnect', () => stopping.abort());

  let server: RunningServer;
  try {
    server = await startServer(process.env, stopping.signal);
  } catch (error) {
    if (error === stopping.signal.reason) process.exit(0);
    if (!(error instanceof StartupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  await stopRequested;
  setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
  await server.stop();
  process.exit(0);
}

await main();
