/** Lets so many at a time do something; the others wait in the order in which they came. */
export class Turns {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.free = atOnce;
  }

  /**
   * @param given aborted when it is not worth waiting any longer
   * @returns a function that ends the turn, to be called once; null: aborted before the turn came
   */
  take(given: AbortSignal): Promise<(() => void) | null> {
    if (given.aborted) return Promise.resolve(null);
    if (this.free > 0) {
      this.free -= 1;
      return Promise.resolve(this.end);
    }
    return new Promise((resolve) => {
      const begin = (): void => {
        given.removeEventListener('abort', giveUp);
        resolve(this.end);
      };
      const giveUp = (): void => {
        this.waiting.splice(this.waiting.indexOf(begin), 1);
        resolve(null);
      };
      this.waiting.push(begin);
      given.addEventListener('abort', giveUp, { once: true });
    });
  }

  private readonly end = (): void => {
    const next = this.waiting.shift();
    if (next) next();
    else this.free += 1;
  };
}
