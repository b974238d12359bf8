import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { execa } from 'execa';

export type Child = ReturnType<typeof spawnDetached>;

/** No process came about. */
export class NotStarted {
  constructor(readonly why: Promise<Error>) {}
}

/** Starts a program as leader of its own session and group. Never throws. */
export function startProcess(...parameters: Parameters<typeof spawnDetached>): Child | NotStarted {
  let created: ChildProcess | undefined;
  const note = (message: unknown): void => {
    created = (message as { readonly process: ChildProcess }).process;
  };
  subscribe(CHANNEL, note);
  try {
    return spawnDetached(...parameters);
  } catch (error) {
    return new NotStarted(reasonOf(created, error instanceof Error ? error : new Error(String(error))));
  } finally {
    unsubscribe(CHANNEL, note);
  }
}

/** Where Node shows each child that it makes, before it is started. */
const CHANNEL = 'child_process';

function spawnDetached(argv: readonly string[], { cwd, env }: { cwd: string; env: Record<string, string> }) {
  return execa(argv[0] ?? '', argv.slice(1), {
    cwd,
    env,
    extendEnv: false,
    stdin: 'ignore',
    // Own session and group: Ctrl-C at the runner's terminal does not reach it, and one signal reaches all of it.
    detached: true,
    buffer: false,
    reject: false,
    // execa would only kill the direct child when the runner ends; the runner ends its trees itself.
    cleanup: false,
  });
}

/**
 * Some reasons are thrown (a NUL in an argument). When there is no free file descriptor, Node makes a child without streams
 * and tells why by an event of the next tick, but execa trips over the missing streams before it listens. Nobody else
 * could hear that event, and an error event that nobody hears ends the whole runner.
 */
function reasonOf(created: ChildProcess | undefined, thrown: Error): Promise<Error> {
  if (!created) return Promise.resolve(thrown);
  return new Promise((resolve) => {
    created.once('error', resolve);
    setImmediate(() => resolve(thrown));
  });
}
