import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const LINES_KEPT = 2_000;
const LAST_LINES_KEPT = 100;

/** A real server or runner process. What it says on stdout and stderr is kept for the one who debugs a failure. */
export class PartProcess {
  readonly said: string[] = [];
  private readonly lastSaid: string[] = [];
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private readonly waiting = new Set<() => void>();

  constructor(
    readonly name: string,
    script: string,
    env: Readonly<Record<string, string>>,
    nodeArguments: readonly string[] = [],
  ) {
    this.child = spawn(process.execPath, [...nodeArguments, script], {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => this.hear(line));
    }
    this.ended = once(this.child, 'close');
    this.child.once('close', () => this.wake());
  }

  get pid(): number {
    return this.child.pid!;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get exitCode(): number | null {
    return this.child.exitCode;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  /** @throws when it does not end; it is killed then */
  async endsWithin(ms: number): Promise<void> {
    const timer = setTimeout(() => this.signal('SIGKILL'), ms);
    await this.ended;
    clearTimeout(timer);
    if (this.child.signalCode === 'SIGKILL') throw new Error(`${this.name} did not end within ${ms} ms`);
  }

  /** The first JSON line that answers, whether it was said already or not. */
  async hears<T>(what: string, pick: (entry: Record<string, unknown>) => T | undefined, withinMs = 60_000): Promise<T> {
    for (let read = 0, late = false; ;) {
      for (; read < this.said.length; read += 1) {
        const entry = parsed(this.said[read]!);
        const picked = entry && pick(entry);
        if (picked !== undefined && picked !== null) return picked;
      }
      if (!this.running || late) {
        throw new Error(
          `${this.name}: ${what} ${late ? `not within ${withinMs} ms` : 'never, it ended'}:\n${this.tail()}`,
        );
      }
      late = await this.nextLine(withinMs);
    }
  }

  tail(lines = 40): string {
    return this.lastSaid.slice(-lines).join('\n');
  }

  private hear(line: string): void {
    if (this.said.length < LINES_KEPT) this.said.push(line);
    this.lastSaid.push(line);
    if (this.lastSaid.length > LAST_LINES_KEPT) this.lastSaid.shift();
    this.wake();
  }

  private wake(): void {
    for (const resume of [...this.waiting]) resume();
  }

  /** @returns whether nothing came in time */
  private nextLine(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (late: boolean): void => {
        clearTimeout(timer);
        this.waiting.delete(resume);
        resolve(late);
      };
      const resume = (): void => done(false);
      const timer = setTimeout(done, withinMs, true);
      this.waiting.add(resume);
    });
  }
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** A part that answers at this address. */
export interface Listening {
  readonly process: PartProcess;
  readonly url: string;
}

export async function startListening(name: string, script: string, env: Record<string, string>): Promise<Listening> {
  const process = new PartProcess(name, script, env);
  const url = await process.hears('listening', (entry) =>
    entry['msg'] === 'listening' ? (entry['url'] as string) : undefined,
  );
  return { process, url };
}
