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

  const stopRequested = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
    // the script that started this process is gone
    process.on('disconnect', resolve);
  });

  let server: RunningServer;
  try {
    server = await startServer(process.env);
  } catch (error) {
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
