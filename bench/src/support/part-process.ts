import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { endLater } from './ending.js';

export type LogEntry = Readonly<Record<string, unknown>>;

/** Costs each node process 70 ms at its start where it is set; nothing here leaves the machine. */
const DROPPED = 'NODE_EXTRA_CA_CERTS';
const LINES_KEPT = 20;
/** Who ends the benchmark waits for it. */
const INTERRUPTED_MS = 3_000;

/** A process under test, or one that drives it. Its JSON lines are events. */
export class PartProcess {
  private readonly child: ChildProcess;
  private readonly listeners = new Set<(entry: LogEntry) => void>();
  private readonly last: string[] = [];

  constructor(
    readonly name: string,
    script: string,
    env: Readonly<Record<string, string>>,
    nodePath = process.execPath,
  ) {
    const hasEnded = endLater('processes', () => this.stop(INTERRUPTED_MS));
    const { [DROPPED]: _dropped, ...inherited } = process.env;
    this.child = spawn(nodePath, [...profilingFlags(), script], {
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child.once('close', hasEnded);
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => this.hear(line));
    }
  }

  onEntry(listener: (entry: LogEntry) => void): void {
    this.listeners.add(listener);
  }

  /** The next JSON line that answers. @throws when the process ends before */
  next<T>(pick: (entry: LogEntry) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const listener = (entry: LogEntry): void => {
        const picked = pick(entry);
        if (picked === undefined) return;
        this.listeners.delete(listener);
        this.child.off('close', onClose);
        resolve(picked);
      };
      const onClose = (): void => reject(new Error(`${this.name} ended: ${this.last.join('\n')}`));
      this.listeners.add(listener);
      this.child.once('close', onClose);
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Over the ipc channel. */
  tell(message: string): void {
    this.child.send(message);
  }

  /** The next JSON line with this `msg`. */
  hears(msg: string): Promise<LogEntry> {
    return this.next((entry) => (entry.msg === msg ? entry : undefined));
  }

  /** 0 where there is no /proc, or no process any more. */
  residentMebibytes(): number {
    try {
      const status = fs.readFileSync(`/proc/${this.pid}/status`, 'utf8');
      return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      return 0;
    }
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(name);
  }

  /** As a crash of the machine would end it. */
  async kill(): Promise<void> {
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }

  async stop(insistAfterMs = 15_000): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    const insist = setTimeout(() => this.child.kill('SIGKILL'), insistAfterMs);
    await closed;
    clearTimeout(insist);
  }

  private hear(line: string): void {
    this.last.push(line);
    if (this.last.length > LINES_KEPT) this.last.shift();
    let entry: LogEntry;
    try {
      entry = JSON.parse(line) as LogEntry;
    } catch {
      return;
    }
    for (const listener of [...this.listeners]) listener(entry);
  }
}

/** BENCH_CPU_PROFILES: a folder in which every process leaves a profile when it ends. */
function profilingFlags(): string[] {
  const folder = process.env.BENCH_CPU_PROFILES;
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [];
}
