import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { CgroupRoot } from './cgroup-folder.js';
import { toMonotonicMs } from './monotonic.js';
import type { TreeLeader } from './process-table.js';
import type { ProcessMarker } from './process-table.js';
import { TrustCell } from './trust-cell.js';
import type { FromWatchdog, ToWatchdog, WatchdogData } from './watchdog-messages.js';

export interface WatchdogOptions {
  readonly cgroupRoot: CgroupRoot | null;
  readonly everyMs: number;
  readonly log: Logger;
}

/** The watch over one attempt's processes. Times are of performance.now(). */
export interface TreeWatch {
  /** The watchdog has killed, or is killing, what ran: nothing may be started any more. */
  readonly fired: boolean;
  /** Called when the main loop learns of it. One listener. */
  onFired: (() => void) | null;
  /** From now on processes may live, until this time. @returns false: it has fired */
  arm(deadlineMs: number): boolean;
  /** A renewal has moved the deadline. */
  move(deadlineMs: number): void;
  disarm(): void;
  /** The direct child: it finds those that hide from environment and control group. */
  leader(leader: TreeLeader): void;
  /** Nothing of the attempt runs any more. */
  close(): void;
}

/**
 * Kills process trees whose lease is not trusted any more, from a thread of its own: the promise that the runner ends its
 * work before the server gives it away must not depend on a main loop that has time. The main loop ends its
 * attempts itself as long as it can; this is for when it cannot.
 */
export class Watchdog {
  private readonly watches = new Map<number, Watch>();
  private worker: Worker;
  private untold: ToWatchdog[] = [];
  private nextId = 1;
  private closed = false;

  constructor(private readonly options: WatchdogOptions) {
    this.worker = this.startThread();
  }

  watch(marker: ProcessMarker): TreeWatch {
    const id = this.nextId++;
    const watch = new Watch(marker, {
      leader: (leader) => this.tell({ kind: 'leader', id, leader }),
      close: () => {
        this.watches.delete(id);
        this.tell({ kind: 'forget', id });
      },
    });
    this.watches.set(id, watch);
    this.tell({ kind: 'watch', id, marker, memory: watch.cell.memory });
    return watch;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.worker.terminate();
  }

  private startThread(): Worker {
    const { cgroupRoot, everyMs, log } = this.options;
    const workerData: WatchdogData = { cgroupRoot, everyMs };
    const worker = new Worker(new URL('./watchdog-thread.js', import.meta.url), {
      workerData,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    });
    worker.unref();
    worker.on('message', (message: FromWatchdog) => this.heard(message));
    worker.on('error', (error) => log.error({ err: error }, 'the watchdog thread failed'));
    // a pause, because one that cannot start at all ends at once
    worker.on('exit', () => setTimeout(() => this.restartThread(), everyMs).unref());
    return worker;
  }

  /** Without it nothing would be watched: a new one gets told all that the old one knew. */
  private restartThread(): void {
    if (this.closed) return;
    this.worker = this.startThread();
    for (const [id, { marker, cell, lastLeader }] of this.watches) {
      this.tell({ kind: 'watch', id, marker, memory: cell.memory });
      if (lastLeader) this.tell({ kind: 'leader', id, leader: lastLeader });
    }
  }

  /**
   * At the end of this turn of the main loop: to wake a thread takes longer than most of what a turn does, and a turn that
   * starts a process has two things to tell. A loop that hangs later finds the thread informed; in between only a
   * stopped machine stops, and that stops everything.
   */
  private tell(message: ToWatchdog): void {
    this.untold.push(message);
    if (this.untold.length > 1) return;
    // from a microtask, because ticks that are asked for before would come before all of them
    queueMicrotask(() => process.nextTick(() => this.worker.postMessage(this.untold.splice(0))));
  }

  private heard(message: FromWatchdog): void {
    const watch = this.watches.get(message.id);
    const { log } = this.options;
    if (message.kind === 'fired') watch?.onFired?.();
    else log.warn({ ...watch?.marker, ...message }, 'the watchdog thread ended the processes of an attempt');
  }
}

class Watch implements TreeWatch {
  readonly cell = new TrustCell();
  lastLeader: TreeLeader | null = null;
  onFired: (() => void) | null = null;

  constructor(
    readonly marker: ProcessMarker,
    private readonly thread: { leader(leader: TreeLeader): void; close(): void },
  ) {}

  get fired(): boolean {
    return this.cell.fired;
  }

  arm(deadlineMs: number): boolean {
    return this.cell.arm(toMonotonicMs(deadlineMs));
  }

  move(deadlineMs: number): void {
    this.cell.move(toMonotonicMs(deadlineMs));
  }

  disarm(): void {
    this.cell.disarm();
  }

  leader(leader: TreeLeader): void {
    this.lastLeader = leader;
    this.thread.leader(leader);
  }

  close(): void {
    this.cell.disarm();
    this.thread.close();
  }
}
