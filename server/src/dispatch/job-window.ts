import type { QueuePosition } from './lane-queue.js';

/** Shifted places at the front are kept until they are worth moving everything. */
const SLACK = 1_024;

/** Jobs in the order of the queue, best first. Taking the best and appending the worst, the usual work, cost nothing. */
export class JobWindow<Job extends QueuePosition> implements Iterable<Job> {
  private items: (Job | undefined)[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  get first(): Job | undefined {
    return this.items[this.head];
  }

  get last(): Job | undefined {
    return this.length === 0 ? undefined : this.items[this.items.length - 1];
  }

  insert(job: Job): void {
    const { last } = this;
    if (last === undefined || compare(last, job) < 0) this.items.push(job);
    else this.items.splice(this.positionOf(job), 0, job);
  }

  takeFirst(): Job | undefined {
    const job = this.items[this.head];
    if (job === undefined) return undefined;
    this.items[this.head] = undefined;
    this.head += 1;
    if (this.head === this.items.length || this.head >= SLACK) this.closeUp();
    return job;
  }

  takeLast(): Job | undefined {
    return this.length === 0 ? undefined : this.items.pop();
  }

  /** @returns false: it is not here */
  delete(job: Job): boolean {
    const position = this.positionOf(job);
    if (this.items[position] !== job) return false;
    this.items.splice(position, 1);
    return true;
  }

  *[Symbol.iterator](): Iterator<Job> {
    for (let index = this.head; index < this.items.length; index += 1) yield this.items[index] as Job;
  }

  private closeUp(): void {
    this.items = this.items.slice(this.head);
    this.head = 0;
  }

  /** Index of the first job that is not better than this one. */
  private positionOf(job: QueuePosition): number {
    let [low, high] = [this.head, this.items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.items[middle] as Job, job) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Negative: `a` goes first. Ids are UUIDv7, so of equal ranks the older goes first. */
export function compare(a: QueuePosition, b: QueuePosition): number {
  return a.rank - b.rank || (a.jobId < b.jobId ? -1 : a.jobId > b.jobId ? 1 : 0);
}
