import { join } from 'node:path';
import type { HeldAttempt, JobFinished, StepFinished } from '@dibs/shared';
import type { Logger } from 'pino';
import { flushWritten, readStored, removeUnflushed, writeQuickly } from '../storage/durable-file.js';

/** All that the server must still be told once the log is complete. */
export interface ResultRecord {
  /** Step ends of which the server may not know. */
  readonly steps: readonly StepFinished[];
  readonly finished: JobFinished;
}

/**
 * Results on disk until the server has answered: a finished job stays finished, whatever happens to this process.
 *
 * A result is written before it is sent and flushed beside the sending, when the answer takes longer than usual: a killed
 * process loses nothing that was written, and what a crash of the host takes is a result that the server had not
 * acknowledged, of an attempt that the next process then gives up like any other that the crash cut off.
 */
export class ResultOutbox {
  private readonly flushes = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly folder: string,
    private readonly flushAfterMs: number,
    private readonly log: Logger,
  ) {}

  /** @throws when the disk refuses */
  save(record: ResultRecord): void {
    const path = this.pathOf(record.finished);
    writeQuickly(path, record);
    const flush = (): void => {
      this.flushes.delete(path);
      flushWritten(path).catch((error: unknown) => this.log.error({ err: error }, 'a result could not be flushed'));
    };
    this.flushes.set(path, setTimeout(flush, this.flushAfterMs));
  }

  /** Of a result that stays for the next process. */
  async flush(held: HeldAttempt): Promise<void> {
    const path = this.pathOf(held);
    this.cancelFlush(path);
    await flushWritten(path);
  }

  async remove(held: HeldAttempt): Promise<void> {
    const path = this.pathOf(held);
    this.cancelFlush(path);
    await removeUnflushed(path);
  }

  async records(): Promise<ResultRecord[]> {
    const records: ResultRecord[] = [];
    for (const { path, content } of await readStored(this.folder)) {
      const record = content as Partial<ResultRecord> | null | undefined;
      if (Array.isArray(record?.steps) && typeof record.finished?.outcome === 'string') {
        records.push(record as ResultRecord);
      } else {
        this.log.warn({ path }, 'stored result is unreadable and ignored');
        await removeUnflushed(path);
      }
    }
    return records;
  }

  private cancelFlush(path: string): void {
    clearTimeout(this.flushes.get(path));
    this.flushes.delete(path);
  }

  private pathOf(held: HeldAttempt): string {
    return join(this.folder, `${held.jobId}-${held.attempt}.json`);
  }
}
