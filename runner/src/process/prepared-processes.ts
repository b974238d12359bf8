import type { Logger } from 'pino';
import type { CgroupRoot } from './cgroup-folder.js';
import type { DirectLaunchOptions } from './direct-launch.js';
import { execOrder } from './exec-order.js';
import type { Launch } from './launch.js';
import { PreparedProcess } from './prepared-process.js';
import { worksHere } from './prepared-process-trial.js';

export interface PreparedProcessesOptions {
  /** How many wait at a time. */
  readonly count: number;
  /** What most environments have in common; of shells' special variables only PATH. Nothing secret. */
  readonly env: Readonly<Record<string, string>>;
  /** Names their control groups: they are found by it when this runner process is gone. */
  readonly owner: string;
  readonly cgroupRoot: CgroupRoot | null;
  /** Where files may be made, for a moment. */
  readonly folder: string;
  readonly log: Logger;
  readonly shell?: string;
}

/**
 * Processes that were forked before they are needed: forking takes this runner milliseconds, during which it does nothing
 * else, while a shell that waits for its order only has to become the program.
 *
 * New ones are made when nobody has taken one for a moment, one at a time. When there is none, or it does not fit, the
 * caller starts a process in the usual way: it is never waited for.
 */
export class PreparedProcesses {
  private readonly waiting: PreparedProcess[] = [];
  private readonly shell: string;
  private timer: NodeJS.Timeout | undefined;
  private starting: Promise<void> | null = null;
  private closed = false;

  constructor(private readonly options: PreparedProcessesOptions) {
    this.shell = options.shell ?? '/bin/sh';
  }

  /** Tries out whether the shell of this host does what is expected, then begins. Never rejects. */
  async open(): Promise<void> {
    const { log } = this.options;
    if (await worksHere({ ...this.options, shell: this.shell })) return this.refillIn(0);
    log.info({ shell: this.shell }, 'no processes are prepared: the shell of this host does not do what is needed');
  }

  /** How many are ready. */
  get size(): number {
    return this.waiting.length;
  }

  launch({ command, cwd, env }: DirectLaunchOptions): Launch | null {
    if (this.waiting.length === 0) return null;
    const order = execOrder(this.options.env, { command, cwd, env });
    if (order === null) return null;
    this.refillIn(QUIET_MS);
    return this.waiting.shift()?.launch(order) ?? null;
  }

  /** Ends those that wait. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.starting;
    await Promise.all(this.waiting.splice(0).map((one) => one.end()));
  }

  private refillIn(ms: number): void {
    clearTimeout(this.timer);
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.starting ??= this.refill().finally(() => (this.starting = null));
    }, ms).unref();
  }

  private async refill(): Promise<void> {
    if (this.waiting.length >= this.options.count) return;
    const one = await PreparedProcess.start({ ...this.options, shell: this.shell });
    if (one === null) return this.refillIn(RETRY_MS);
    this.waiting.push(one);
    this.options.log.debug({ pid: one.leader.pid }, 'process prepared');
    void one.exit.then(() => this.lost(one));
    this.refillIn(QUIET_MS);
  }

  /** It ended while it waited: somebody killed it, or this host has no room for it. */
  private lost(one: PreparedProcess): void {
    const at = this.waiting.indexOf(one);
    if (at < 0 || this.closed) return;
    this.waiting.splice(at, 1);
    void one.end();
    this.refillIn(RETRY_MS);
  }
}

/** Grants that follow each other sooner than this do not wait for a fork between them. */
const QUIET_MS = 5;
const RETRY_MS = 5000;
