import { constants } from 'node:os';

type End = () => Promise<unknown>;

const PARENT_CHECK_MS = 300;

/** What this process has started and must not leave behind, however it ends: the processes first, then what they use. */
const left = { processes: new Set<End>(), stores: new Set<End>() };
let ending: Promise<void> | null = null;

/**
 * To be called before it is started.
 * @returns to be called when it has ended
 * @throws while everything is being ended: nothing may begin any more
 */
export function endLater(kind: keyof typeof left, end: End): () => void {
  if (ending) throw new Error('interrupted');
  left[kind].add(end);
  return () => void left[kind].delete(end);
}

/** Ends what is left. Never rejects; says what went wrong. */
export function endAll(): Promise<void> {
  return (ending ??= endInOrder());
}

/**
 * A signal, or the end of the one who started us, ends everything, and this process with the exit code of a shell. npm
 * passes a signal to its `sh -c` only, and sh may die without passing it on: a parent that is gone is the sign of it.
 */
export function endOnSignals(): void {
  const end = (signal: keyof typeof STOP_SIGNALS): void => {
    // benchmarks fail when their processes end, and must not take us down before all is ended
    process.on('uncaughtException', () => undefined).on('unhandledRejection', () => undefined);
    void endAll().then(() => process.exit(128 + STOP_SIGNALS[signal]));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(signal));
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    end('SIGHUP');
  }, PARENT_CHECK_MS);
  watch.unref();
}

const STOP_SIGNALS = {
  SIGINT: constants.signals.SIGINT,
  SIGTERM: constants.signals.SIGTERM,
  SIGHUP: constants.signals.SIGHUP,
};

async function endInOrder(): Promise<void> {
  await Promise.all([...left.processes].map(said));
  for (const end of [...left.stores].reverse()) await said(end);
}

async function said(end: End): Promise<void> {
  await end().catch((error: unknown) => console.error(`something may be left behind: ${String(error)}`));
}
