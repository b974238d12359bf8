import { Injectable } from '@nestjs/common';

/**
 * Lines that wait to be stored, on an average over so long: of builds a few, as each batch waits some milliseconds and the next
 * comes much later, however many print at the same moment. Who prints as fast as it can has four batches waiting all the time.
 */
const MANY_LINES = 100;
const AVERAGED_OVER_MS = 250;
/**
 * On a busy machine batches come seldom, and a flood is not over between two of them: were it, all readers would go on,
 * the next batch would come later still, and soon nothing but reading would be done.
 */
const FLOOD_LASTS_MS = 1_000;
/** When it is over, those who wait go on in groups, and what else is to be done has its turn between them. */
const GROUP = 8;
const BETWEEN_GROUPS_MS = 1;
/** Of the time that passes in a flood, what readers may take together. */
const SHARE = 1 / 8;
/** What comes before and behind a turn: to read and check a request, ask where its log stands, send the answer. */
const AROUND_A_TURN_MS = 1;
/** Whoever waits for a slow database or archive keeps the next reader no longer than this. */
const LONGEST_READ_MS = 50;
/** After many who had no turn. */
const LONGEST_REST_MS = 500;
/** Whoever has waited for so long goes without a turn: an answer must come, however many readers there are. */
const LONGEST_WAIT_MS = 5_000;

/**
 * Lines come before those who read them. Both need one event loop and one database: 50 viewers of logs that are printed
 * without end would take all of it, and the runners would wait for them. So while many lines wait to be stored, readers
 * take turns, and after each turn there is a pause of some times its length. Nobody loses a line by that: a reader who is
 * behind goes on from its cursor, a little later. At all other times nobody is held up.
 */
@Injectable()
export class ReaderShare {
  private linesWaiting = 0;
  private averageWaiting = 0;
  private averagedAtMs = -Infinity;
  private floodUntilMs = -Infinity;
  private restUntilMs = -Infinity;
  private turnsTaken = 0;
  private readonly waiting: (() => void)[] = [];
  private timer: NodeJS.Timeout | null = null;

  /** @param work stores so many lines, which wait until it has ended */
  async storing<T>(lines: number, work: () => Promise<T>): Promise<T> {
    this.wait(lines);
    try {
      return await work();
    } finally {
      this.wait(-lines);
    }
  }

  /** @param read is done when readers may; what its caller does with the result, before it waits for anything, counts */
  async reading<T>(read: () => Promise<T>): Promise<T> {
    if (this.waiting.length === 0 && !this.isFlooded) return read();
    const endTurn = await this.turn();
    const tooLong = setTimeout(endTurn, LONGEST_READ_MS);
    try {
      return await read();
    } finally {
      clearTimeout(tooLong);
      const arrivedAtMs = this.nowMs();
      setImmediate(() => {
        this.spent(this.nowMs() - arrivedAtMs + AROUND_A_TURN_MS);
        endTurn();
      });
    }
  }

  /** Somebody else is given what was read in a turn: to send it takes time as well. */
  answersAnother(): void {
    if (this.isFlooded) this.spent(AROUND_A_TURN_MS);
  }

  get isFlooded(): boolean {
    this.wait(0);
    return this.nowMs() < this.floodUntilMs;
  }

  protected nowMs(): number {
    return performance.now();
  }

  /** So many more wait from now on. */
  private wait(lines: number): void {
    const nowMs = this.nowMs();
    const past = Math.exp((this.averagedAtMs - nowMs) / AVERAGED_OVER_MS);
    this.averageWaiting = this.averageWaiting * past + this.linesWaiting * (1 - past);
    this.averagedAtMs = nowMs;
    this.linesWaiting += lines;
    if (this.averageWaiting >= MANY_LINES) this.floodUntilMs = nowMs + FLOOD_LASTS_MS;
  }

  /** @returns a function that ends it; more than once is harmless */
  private turn(): Promise<() => void> {
    return new Promise((resolve) => {
      const begin = (): void => {
        clearTimeout(patience);
        resolve(this.beginTurn());
      };
      const patience = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(begin), 1);
        begin();
      }, LONGEST_WAIT_MS);
      this.waiting.push(begin);
      this.next();
    });
  }

  private beginTurn(): () => void {
    let isOver = false;
    this.turnsTaken += 1;
    return () => {
      if (isOver) return;
      isOver = true;
      this.turnsTaken -= 1;
      this.next();
    };
  }

  private spent(ms: number): void {
    const nowMs = this.nowMs();
    const restUntilMs = Math.max(this.restUntilMs, nowMs) + ms * (1 / SHARE - 1);
    this.restUntilMs = Math.min(restUntilMs, nowMs + LONGEST_REST_MS);
  }

  /** Lets the next one begin, or the next few when the flood is over. */
  private next(): void {
    if (this.waiting.length === 0 || this.timer !== null) return;
    if (!this.isFlooded) {
      this.waiting.splice(0, GROUP).forEach((begin) => begin());
      this.nextIn(BETWEEN_GROUPS_MS);
    } else if (this.turnsTaken === 0) {
      const restMs = this.restUntilMs - this.nowMs();
      if (restMs <= 0) this.waiting.shift()!();
      else this.nextIn(restMs);
    }
  }

  private nextIn(ms: number): void {
    this.timer = setTimeout(() => {
      this.timer = null;
      this.next();
    }, ms);
  }
}
