import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';

export interface PreparedPathsOptions<Kind extends string> {
  /** Theirs alone: whatever lies in it is removed. On the disk where they will be used. */
  readonly folder: string;
  /** How many of each kind wait at a time. */
  readonly count: number;
  /** How each kind is made, at a path where nothing is. */
  readonly makers: Readonly<Record<Kind, (path: string) => void>>;
  readonly log: Logger;
}

/**
 * Files and folders that were made before they are needed: to give one its name takes a third of the time that it takes to
 * make it, and less for a folder with others in it.
 *
 * New ones are made when nobody has taken one for a moment. They are never waited for: when there is none, or it cannot be
 * moved, the caller makes its own.
 */
export class PreparedPaths<Kind extends string> {
  private readonly waiting = new Map<Kind, string[]>();
  private made = 0;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly options: PreparedPathsOptions<Kind>) {
    for (const kind of Object.keys(options.makers) as Kind[]) this.waiting.set(kind, []);
  }

  /** Removes what an earlier process left, and begins. Never throws. */
  open(): void {
    const { folder, log } = this.options;
    try {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { mode: 0o700 });
      this.refillIn(0);
    } catch (error) {
      log.warn({ err: error }, 'nothing is prepared on this disk');
    }
  }

  /** How many of a kind are ready. */
  size(kind: Kind): number {
    return this.waiting.get(kind)?.length ?? 0;
  }

  /**
   * Moves one to a path, in this thread. Whoever finds a file there finds it with its text.
   * @param text for a file
   * @returns false: there is nothing at the path, or what was there
   */
  place(kind: Kind, path: string, text?: string): boolean {
    const one = this.waiting.get(kind)?.pop();
    if (one === undefined) return false;
    this.refillIn(QUIET_MS);
    try {
      if (text !== undefined) fillEmpty(one, text);
      renameSync(one, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EXDEV') this.giveUp(kind);
      remove(one);
      return false;
    }
  }

  /** Removes those that wait. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    for (const kind of this.waiting.keys()) this.waiting.delete(kind);
    await rm(this.options.folder, { recursive: true, force: true }).catch(() => undefined);
  }

  private refillIn(ms: number): void {
    clearTimeout(this.timer);
    if (!this.closed) this.timer = setTimeout(() => this.refill(), ms).unref();
  }

  /** One of each kind at a time: a grant may come in between. */
  private refill(): void {
    const missing = [...this.waiting].filter(([, ready]) => ready.length < this.options.count);
    if (missing.length === 0) return;
    const areMade = missing.map(([kind, ready]) => this.make(kind, ready)).every(Boolean);
    this.refillIn(areMade ? QUIET_MS : RETRY_MS);
  }

  private make(kind: Kind, ready: string[]): boolean {
    const path = join(this.options.folder, `${kind}-${(this.made += 1)}`);
    try {
      this.options.makers[kind](path);
      ready.push(path);
      return true;
    } catch {
      // the disk is full, or gone: those who need it will tell
      remove(path);
      return false;
    }
  }

  /** It is wanted on another disk. */
  private giveUp(kind: Kind): void {
    this.waiting.get(kind)?.forEach(remove);
    this.waiting.delete(kind);
  }
}

/** Grants that follow each other sooner than this do not wait for anything to be made between them. */
const QUIET_MS = 5;
const RETRY_MS = 5000;

/**
 * Not emptied first: what is written into a file that was emptied, ext4 gives to the disk when it is closed, and waits for
 * room for it. @throws when it is not empty
 */
function fillEmpty(path: string, text: string): void {
  const file = openSync(path, 'r+');
  try {
    if (fstatSync(file).size > 0) throw new Error(`${path} is not empty`);
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
}

/** What cannot be removed now goes with the folder. */
function remove(path: string): void {
  void rm(path, { recursive: true, force: true }).catch(() => undefined);
}
