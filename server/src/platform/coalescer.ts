/**
 * Group commit: what is added while a flush is under way goes out together in the next one. There is no timer, so
 * an idle system adds no waiting time, and a busy one needs one statement for many items.
 */
export class Coalescer<Item, Result> {
  private readonly waiting: Entry<Item, Result>[] = [];
  private flushing = 0;

  /**
   * @param flush answers with one result per item, in order; a rejection rejects every item of the batch
   * @param limits `maxBatch` items per flush, `maxConcurrent` flushes at the same time
   */
  constructor(
    private readonly flush: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly limits: { readonly maxBatch: number; readonly maxConcurrent: number } = {
      maxBatch: 500,
      maxConcurrent: 2,
    },
  ) {}

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      // one microtask later, so that what one tick of the event loop adds goes out together
      queueMicrotask(() => this.pump());
    });
  }

  /** The same for many, with one promise for all of them. They may go out in parts; one rejection rejects them all. */
  addAll(items: readonly Item[]): Promise<Result[]> {
    if (items.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const results = Array<Result>(items.length);
      let left = items.length;
      items.forEach((item, index) => {
        const settled = (result: Result): void => {
          results[index] = result;
          left -= 1;
          if (left === 0) resolve(results);
        };
        this.waiting.push({ item, resolve: settled, reject });
      });
      queueMicrotask(() => this.pump());
    });
  }

  private pump(): void {
    while (this.waiting.length > 0 && this.flushing < this.limits.maxConcurrent) {
      const batch = this.waiting.splice(0, this.limits.maxBatch);
      this.flushing += 1;
      void this.run(batch);
    }
  }

  private async run(batch: readonly Entry<Item, Result>[]): Promise<void> {
    try {
      const items: Item[] = [];
      for (const entry of batch) items.push(entry.item);
      const results = await this.flush(items);
      batch.forEach((entry, index) => entry.resolve(results[index] as Result));
    } catch (error) {
      batch.forEach((entry) => entry.reject(error));
    } finally {
      this.flushing -= 1;
      this.pump();
    }
  }
}

interface Entry<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}
