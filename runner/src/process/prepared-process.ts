import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { CgroupRoot } from './cgroup-folder.js';
import { deferred } from './deferred.js';
import { RUNS, quoted } from './exec-order.js';
import type { Exit, Launch } from './launch.js';
import { type TreeLeader, startTicksOf } from './process-table.js';
import { TreeCgroup } from './tree-cgroup.js';

export interface PreparedProcessOptions {
  /** /bin/sh, or what is to be tried instead of it. */
  readonly shell: string;
  readonly env: Readonly<Record<string, string>>;
  readonly owner: string;
  readonly cgroupRoot: CgroupRoot | null;
  /** Where a file may be made. */
  readonly folder: string;
}

/** The first thing it says: whether it could join its control group. */
const JOINED = 'j';
const NOT_JOINED = 'n';

const READY_WITHIN_MS = 5000;

/**
 * A shell that waits for its order, as leader of its own session and group, in its own control group where the host
 * allows. It holds no folder busy, and ends by itself when the runner is gone, because its order pipe then closes.
 *
 * starting → ready → ordered → it has become the program, or is lost. Whether it is ready comes on descriptor 3, whose end
 * tells the rest. That it becomes the program it writes into the file that is its descriptor 4: a word on a pipe would wake
 * this process on the processor where the shell is busy with the exec, and have it wait for that.
 */
export class PreparedProcess {
  readonly exit: Promise<Exit>;
  private cgroup: TreeCgroup | null;
  private readonly startTicks: string | null;
  private readonly ready = deferred<boolean>();
  private readonly started = deferred<number | null>();
  private said = '';

  private constructor(
    private readonly child: ChildProcess & { readonly pid: number },
    mark: number,
    cgroup: TreeCgroup | null,
  ) {
    this.cgroup = cgroup;
    this.startTicks = startTicksOf(child.pid);
    this.exit = new Promise((resolve) =>
      child.once('exit', (exitCode, signal) => {
        this.ready.resolve(false);
        resolve({ exitCode, signal });
      }),
    );
    const words = child.stdio[3] as Readable;
    words.setEncoding('latin1').on('data', (text: string) => {
      this.said += text;
      if (this.said.includes('\n')) this.ready.resolve(true);
    });
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      this.started.resolve(isWritten(mark) ? performance.now() : null);
      closeSync(mark);
    };
    words.once('end', end).once('close', end).on('error', end);
    // It is gone; the end of its words tells.
    child.stdin?.on('error', () => undefined);
  }

  /** Resolves when it waits for its order; null: it could not be started, ended at once, or says nothing. Never rejects. */
  static async start({
    shell,
    env,
    owner,
    cgroupRoot,
    folder,
  }: PreparedProcessOptions): Promise<PreparedProcess | null> {
    const mark = openUnnamed(folder);
    if (mark === null) return null;
    const child = spawnShell(shell, env, mark);
    if (child === null) {
      closeSync(mark);
      return null;
    }
    const cgroup = TreeCgroup.prepare(cgroupRoot, owner);
    const prepared = new PreparedProcess(child, mark, cgroup);
    const join = cgroup ? `{ echo 0 >${quoted(cgroup.membersFile)}; } 2>/dev/null && echo ${JOINED} >&3 || ` : '';
    child.stdin?.write(`${join}echo ${NOT_JOINED} >&3\n`);
    const timer = setTimeout(() => prepared.ready.resolve(false), READY_WITHIN_MS);
    const isReady = await prepared.ready.promise;
    clearTimeout(timer);
    if (isReady) return prepared.settled();
    await prepared.end();
    return null;
  }

  get leader(): TreeLeader {
    const { startTicks, cgroup } = this;
    return { pid: this.child.pid, startTicks, ...(cgroup && { cgroupFolder: cgroup.folder }) };
  }

  /** @param order from `execOrder`, for the environment that it was started with */
  launch(order: string): Launch {
    this.child.stdin?.end(order);
    const { stdout, stderr } = this.child as { stdout: Readable; stderr: Readable };
    const { leader, cgroup, exit } = this;
    return { leader, cgroup, output: { stdout, stderr }, started: this.started.promise, exit };
  }

  /** Of one that is not needed. */
  async end(): Promise<void> {
    this.child.kill('SIGKILL');
    for (const pipe of this.child.stdio) pipe?.destroy();
    await this.exit;
    await this.cgroup?.remove();
  }

  private async settled(): Promise<this> {
    if (this.cgroup && !this.said.startsWith(JOINED)) {
      await this.cgroup.remove();
      this.cgroup = null;
    }
    return this;
  }
}

/** A file that nobody else finds, and nothing is left of. null: not now. */
function openUnnamed(folder: string): number | null {
  const path = join(folder, `${randomUUID()}.tmp`);
  try {
    const file = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return file;
  } catch {
    return null;
  }
}

function isWritten(mark: number): boolean {
  const bytes = Buffer.alloc(RUNS.length);
  return readSync(mark, bytes, 0, bytes.length, 0) === bytes.length && bytes.toString() === RUNS;
}

/** null: not now. A child without pid tells the reason by an event; the next try will tell if it lasts. */
function spawnShell(
  shell: string,
  env: PreparedProcessOptions['env'],
  mark: number,
): (ChildProcess & { readonly pid: number }) | null {
  try {
    const child = spawn(shell, ['-s'], {
      cwd: '/',
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', mark],
    });
    child.on('error', () => undefined);
    return hasPid(child) ? child : null;
  } catch {
    return null;
  }
}

function hasPid(child: ChildProcess): child is ChildProcess & { readonly pid: number } {
  return child.pid !== undefined;
}
