import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HeldAttempt, JobFinished, StepFinished } from '@dibs/shared';
import type { Logger } from 'pino';
import { readStored, writeDurably } from '../storage/durable-file.js';

/** All that the server must still be told once the log is complete. */
export interface ResultRecord {
  /** Step ends of which the server may not know. */
  readonly steps: readonly StepFinished[];
  readonly finished: JobFinished;
}

/** Results on disk until the server has answered: a finished job stays finished, whatever happens to this process. */
export class ResultOutbox {
  constructor(
    private readonly folder: string,
    private readonly log: Logger,
  ) {}

  /** Durable when it resolves: only then may the result be sent. */
  async save(record: ResultRecord): Promise<void> {
    await writeDurably(this.pathOf(record.finished), record);
  }

  async remove(held: HeldAttempt): Promise<void> {
    await rm(this.pathOf(held), { force: true });
  }

  async records(): Promise<ResultRecord[]> {
    const records: ResultRecord[] = [];
    for (const { path, content } of await readStored(this.folder)) {
      const record = content as Partial<ResultRecord> | null | undefined;
      if (Array.isArray(record?.steps) && typeof record.finished?.outcome === 'string') {
        records.push(record as ResultRecord);
      } else this.log.warn({ path }, 'stored result is unreadable and ignored');
    }
    return records;
  }

  private pathOf(held: HeldAttempt): string {
    return join(this.folder, `${held.jobId}-${held.attempt}.json`);
  }
}
