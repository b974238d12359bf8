import { join } from 'node:path';
import type { HeldAttempt } from '@dibs/shared';
import type { Logger } from 'pino';
import { readStored, removeUnflushed, writeAtOnce } from '../storage/durable-file.js';
import type { AttemptPaths } from './attempt-paths.js';

/** What the next process must know about an attempt if this one is killed. */
export interface JournalEntry extends HeldAttempt {
  /** For people who look at the folder. */
  readonly grantedAt: string;
}

/**
 * The attempts this runner holds, one file each, written before any process of the attempt starts and removed when
 * the attempt is settled. Process ids are not in it: they are reused, while everything a job starts carries the
 * attempt's marker, by which leftovers are found.
 */
export class Journal {
  constructor(
    private readonly folder: string,
    private readonly paths: AttemptPaths,
    private readonly log: Logger,
  ) {}

  /**
   * Written when it returns, but not flushed. The entry is for the next process of a runner that was killed: what the
   * kernel has survives that. After a crash of the host there is nothing to end, because the processes are gone with
   * it; a hello that does not name the attempt then leaves it to its lease and the job's `onLost`. A flush would cost
   * each job two waits for the disk before its first process. Half an entry is as good as none, because nothing was
   * started yet. @throws when the disk refuses
   */
  add(held: HeldAttempt): void {
    const { jobId, attempt, claimToken } = held;
    const entry: JournalEntry = { jobId, attempt, claimToken, grantedAt: new Date().toISOString() };
    const path = this.pathOf(held);
    if (!this.paths.place('entry', path, JSON.stringify(entry))) writeAtOnce(path, entry);
  }

  /** Not flushed: an entry that comes back after a power cut is answered E_FENCED and removed again. */
  async remove(held: HeldAttempt): Promise<void> {
    await removeUnflushed(this.pathOf(held));
  }

  async entries(): Promise<JournalEntry[]> {
    const entries: JournalEntry[] = [];
    for (const { path, content } of await readStored(this.folder)) {
      if (isHeld(content)) entries.push(content as JournalEntry);
      else {
        // from a crash of the host, or of a process that had started nothing yet: it can name nothing that still runs
        this.log.warn({ path }, 'journal entry is unreadable and ignored');
        await removeUnflushed(path);
      }
    }
    return entries;
  }

  private pathOf(held: HeldAttempt): string {
    return join(this.folder, `${attemptKey(held)}.json`);
  }
}

/** Names an attempt in maps and on disk. */
export function attemptKey(held: { readonly jobId: string; readonly attempt: number }): string {
  return `${held.jobId}-${held.attempt}`;
}

/** The id becomes part of paths. */
export function isHeld(value: unknown): value is HeldAttempt {
  const held = value as Partial<HeldAttempt> | null | undefined;
  return (
    typeof held?.jobId === 'string' &&
    /^[A-Za-z0-9-]{1,64}$/.test(held.jobId) &&
    Number.isSafeInteger(held.attempt) &&
    typeof held.claimToken === 'string'
  );
}
