import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.js';

export interface Diagnostic {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

interface RunnerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The real runner, as a process of its own. */
export class RunnerProcess {
  readonly diagnostics: Diagnostic[] = [];
  readonly exited: Promise<RunnerExit>;
  stderr = '';
  private readonly child: ChildProcess;

  constructor(
    serverUrl: string,
    readonly workDir: string,
    env: Record<string, string> = {},
    ipc = false,
  ) {
    this.child = spawn(process.execPath, [...(ipc ? ['--import', STALL_HOOK] : []), MAIN], {
      cwd: workDir,
      env: {
        PATH: process.env['PATH'],
        TIME_SCALE: '0.05',
        LOG_LEVEL: 'debug',
        RUNNER_SERVER_URL: serverUrl,
        RUNNER_CLIENT_ID: 'client',
        RUNNER_CLIENT_SECRET: 'secret',
        RUNNER_INSTANCE: 'box-1',
        RUNNER_WORK_DIR: workDir,
        RUNNER_MIN_FREE_DISK_MB: '0',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    const lines = createInterface(this.child.stdout as NodeJS.ReadableStream);
    lines.on('line', (line) => this.diagnostics.push(JSON.parse(line) as Diagnostic));
    // not 'close' of the child: it does not come when this side has closed the ipc channel
    const exit = new Promise<RunnerExit>((resolve) =>
      this.child.on('exit', (code, signal) => resolve({ code, signal })),
    );
    const read = new Promise<void>((resolve) => lines.once('close', resolve));
    this.exited = Promise.all([exit, read]).then(([ended]) => ended);
  }

  get pid(): number {
    return this.child.pid as number;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Its main loop does nothing at all for this long; other threads go on. Needs ipc. */
  stall(stallMs: number): void {
    this.child.send({ stallMs });
  }

  disconnectIpc(): void {
    this.child.disconnect();
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  said(msg: string): Diagnostic[] {
    return this.diagnostics.filter((entry) => entry.msg === msg);
  }

  async says(msg: string, times = 1): Promise<void> {
    await eventually(`"${msg}" of the runner`, () => this.said(msg).length >= times);
  }
}

/** Starts runners on work dirs of their own; end() after each test leaves nothing behind. */
export class RunnerProcesses {
  private readonly running: RunnerProcess[] = [];
  private readonly folders: string[] = [];

  /** @param workDir of an earlier runner, to start in its place */
  async start(serverUrl: string, env: Record<string, string> = {}, workDir = this.folder()): Promise<RunnerProcess> {
    const runner = this.launch(serverUrl, env, workDir);
    await runner.says('connected');
    return runner;
  }

  launch(serverUrl: string, env: Record<string, string> = {}, workDir = this.folder(), ipc = false): RunnerProcess {
    const runner = new RunnerProcess(serverUrl, workDir, env, ipc);
    this.running.push(runner);
    return runner;
  }

  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'dibs-runner-test-'));
    this.folders.push(folder);
    return folder;
  }

  async end(): Promise<void> {
    await Promise.all(this.running.splice(0).map((runner) => runner.kill()));
    for (const folder of this.folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
}

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const STALL_HOOK = new URL('./stall-hook.mjs', import.meta.url).href;
