import { HttpApi } from './http-api.js';
import type { LogEntry, PartProcess } from './part-process.js';
import type { TestBed } from './test-bed.js';

/** Sockets of one process: more would make the clients the slow part. */
const PER_PROCESS = 1_250;

export interface IdleFleetOptions {
  readonly instances: number;
  readonly slots?: number;
  /** true: granted jobs are held until `finish`. */
  readonly hold?: boolean;
  /** Default: as few as will do. */
  readonly processes?: number;
}

/** Many runner instances of one record in a few processes, connected and waiting for jobs. */
export class IdleFleet {
  private constructor(readonly processes: readonly PartProcess[]) {}

  static async open(bed: TestBed, options: IdleFleetOptions): Promise<IdleFleet> {
    const { instances, slots = 1, hold = false } = options;
    const processes = options.processes ?? Math.ceil(instances / PER_PROCESS);
    const { token } = await HttpApi.signIn(bed.url, await bed.runnerCredentials());
    const share = Math.ceil(instances / processes);
    const fleet = new IdleFleet(
      Array.from({ length: processes }, (_, index) =>
        bed.spawn(`idle runners ${index}`, 'bench/dist/workers/idle-runners.js', {
          BENCH_URL: bed.url,
          BENCH_TOKEN: token,
          BENCH_COUNT: String(Math.min(share, instances - index * share)),
          BENCH_FIRST: String(index * share),
          BENCH_SLOTS: String(slots),
          BENCH_HOLD: String(hold),
        }),
      ),
    );
    await fleet.allHear('connected');
    return fleet;
  }

  /** Each process says it once. */
  allHear(msg: string): Promise<LogEntry[]> {
    return Promise.all(this.processes.map((process) => process.hears(msg)));
  }

  /** Fulfilled when it was said `times` from now on, by whichever process. */
  hearsTimes(msg: string, times: number): Promise<void> {
    return new Promise((resolve) => {
      let heard = 0;
      for (const process of this.processes) {
        process.onEntry((entry) => {
          if (entry.msg !== msg) return;
          heard += 1;
          if (heard === times) resolve();
        });
      }
    });
  }

  tell(word: 'finish' | 'end'): void {
    for (const process of this.processes) process.tell(word);
  }
}
