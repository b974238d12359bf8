import type { LogEntry, PartProcess } from './part-process.js';

/** When what happened to which job, by the lines that processes say. They may be read before or after somebody asks. */
export class Moments {
  private readonly known = new Map<string, number>();
  private readonly asked = new Map<string, (atMs: number) => void>();

  constructor(processes: readonly PartProcess[]) {
    for (const process of processes) process.onEntry((entry) => this.note(entry));
  }

  /** @returns milliseconds of `machineClockMs` */
  of(what: string, jobId: string): Promise<number> {
    const key = `${what} ${jobId}`;
    const known = this.known.get(key);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => this.asked.set(key, resolve));
  }

  private note({ msg, jobId, atMs }: LogEntry): void {
    if (typeof msg !== 'string' || typeof jobId !== 'string' || typeof atMs !== 'number') return;
    const key = `${msg} ${jobId}`;
    this.known.set(key, atMs);
    this.asked.get(key)?.(atMs);
  }
}
