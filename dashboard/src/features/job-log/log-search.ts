import type { SearchLog } from '../../api/logs';
import { messageOf } from '../../api/api-error';

export interface SearchSnapshot {
  readonly needle: string;
  readonly isCaseSensitive: boolean;
  /** Lines that match; null: not known yet. */
  readonly total: number | null;
  /** Which of them is shown, from 1; 0: none. */
  readonly position: number;
  /** Its line; null: not known yet, or there is none. */
  readonly seq: number | null;
  /** Why the server could not search. */
  readonly problem: string | null;
}

const NOTHING: SearchSnapshot = {
  needle: '',
  isCaseSensitive: false,
  total: null,
  position: 0,
  seq: null,
  problem: null,
};

/** Hits that are asked for at once; going through them asks again only at the end of these. */
export const HITS_PER_READ = 500;

/**
 * Going through the lines of a log that match. The server counts and finds them; hits keep their places because a log
 * only grows, so a place is all it takes to find one again.
 */
export class LogSearch {
  private snapshot = NOTHING;
  private readonly listeners = new Set<() => void>();
  private abort = new AbortController();
  /** Lines of the hits `offset + 1`, `offset + 2`, … */
  private hits: { readonly offset: number; readonly seqs: readonly number[] } = { offset: 0, seqs: [] };
  private searchedTo = 0;
  private isLookingFurther = false;

  constructor(private readonly search: SearchLog) {}

  readonly getSnapshot = (): SearchSnapshot => this.snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  /** Begins again with another text, at its first hit; an empty one ends the search. */
  async ask(needle: string, isCaseSensitive: boolean): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
    this.hits = { offset: 0, seqs: [] };
    this.searchedTo = 0;
    this.update({ ...NOTHING, needle, isCaseSensitive });
    if (needle !== '') await this.show(1);
  }

  /** To the next hit or the one before; from the last to the first. */
  async move(by: 1 | -1): Promise<void> {
    const { total, position } = this.snapshot;
    if (total === null || total === 0) return;
    await this.show(((position - 1 + by + total) % total) + 1);
  }

  /** The log has lines up to this one: those that were not looked at yet are counted, too. */
  async grewTo(lastSeq: number): Promise<void> {
    const { needle, total, position } = this.snapshot;
    if (needle === '' || total === null || lastSeq <= this.searchedTo || this.isLookingFurther) return;
    const { signal } = this.abort;
    this.isLookingFurther = true;
    try {
      const page = await this.search({ ...this.question(0), after: this.searchedTo, limit: 1 }, signal);
      if (signal.aborted) return;
      this.searchedTo = page.lastSeq;
      this.update({ total: total + page.total });
    } catch {
      // the next growth asks for the same lines again
    } finally {
      this.isLookingFurther = false;
    }
    if (position === 0 && (this.snapshot.total ?? 0) > 0 && !signal.aborted) await this.show(1);
  }

  private async show(position: number): Promise<void> {
    const { signal } = this.abort;
    const known = this.hits.seqs[position - 1 - this.hits.offset];
    if (known !== undefined) return this.update({ position, seq: known });
    this.update({ position, seq: null, problem: null });
    const offset = position - 1 - ((position - 1) % HITS_PER_READ);
    try {
      const page = await this.search(this.question(offset), signal);
      if (signal.aborted) return;
      this.hits = { offset, seqs: page.items.map((hit) => hit.line.seq) };
      this.searchedTo = page.lastSeq;
      const seq = this.hits.seqs[this.snapshot.position - 1 - offset] ?? null;
      this.update({ total: page.total, seq, position: page.total === 0 ? 0 : this.snapshot.position });
    } catch (error) {
      if (!signal.aborted) this.update({ problem: messageOf(error) });
    }
  }

  private question(offset: number) {
    const { needle: q, isCaseSensitive: caseSensitive } = this.snapshot;
    return { q, caseSensitive, offset, limit: HITS_PER_READ, after: 0 };
  }

  private update(change: Partial<SearchSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of this.listeners) listener();
  }
}
