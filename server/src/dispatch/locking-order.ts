import type { JobId } from '@dibs/shared';

/** Items in the order of their jobs' ids, and where each of them stood before. */
export interface LockingOrder<Item> {
  readonly sorted: readonly Item[];
  /** Index of each of `sorted` in what was given. */
  readonly places: readonly number[];
}

/**
 * All statements lock jobs in the order of their ids, so that no two of them wait for each other.
 *
 * @param passes which of the items are wanted
 */
export function lockingOrder<Item extends { readonly jobId: JobId }>(
  items: readonly Item[],
  passes: (item: Item) => boolean = () => true,
): LockingOrder<Item> {
  const places: number[] = [];
  for (let index = 0; index < items.length; index += 1) if (passes(items[index]!)) places.push(index);
  places.sort((a, b) => (items[a]!.jobId < items[b]!.jobId ? -1 : 1));
  const sorted: Item[] = [];
  for (const index of places) sorted.push(items[index]!);
  return { sorted, places };
}
