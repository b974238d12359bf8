import { AppError } from './errors.js';

/** How one item of a batch fared. */
export type Settled<Result> =
  { readonly ok: true; readonly value: Result } | { readonly ok: false; readonly error: unknown };

/**
 * Wraps the flush of a Coalescer so that one bad item cannot fail the others that happened to share its statement:
 * when a batch is refused, each item is tried alone. Not when the database is away (AppError 503): then nothing of it
 * would succeed, and trying a hundred times would only prolong the trouble.
 */
export function isolating<Item, Result>(
  flush: (items: readonly Item[]) => Promise<readonly Result[]>,
): (items: readonly Item[]) => Promise<readonly Settled<Result>[]> {
  const alone = async (item: Item): Promise<Settled<Result>> => {
    try {
      const [value] = await flush([item]);
      return { ok: true, value: value as Result };
    } catch (error) {
      return { ok: false, error };
    }
  };
  return async (items) => {
    try {
      return (await flush(items)).map((value) => ({ ok: true, value }));
    } catch (error) {
      if (items.length === 1 || error instanceof AppError) return items.map(() => ({ ok: false, error }));
      const results: Settled<Result>[] = [];
      for (const item of items) results.push(await alone(item));
      return results;
    }
  };
}

export function settle<Result>(work: Promise<Result>): Promise<Settled<Result>> {
  return work.then(
    (value) => ({ ok: true, value }),
    (error: unknown) => ({ ok: false, error }),
  );
}

/** @returns the value, or throws the item's own error */
export function unwrap<Result>(settled: Settled<Result>): Result {
  if (settled.ok) return settled.value;
  throw settled.error;
}
