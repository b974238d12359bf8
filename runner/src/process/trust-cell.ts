/**
 * Until when the processes of one attempt may live, in memory that two threads share: the main loop moves the deadline,
 * the watchdog thread kills when it has passed.
 *
 * idle → armed (a deadline) → moved, or idle again; armed → fired, which stays. Every change is one compare-and-swap: a
 * deadline that was moved in the moment of firing is either moved or fired, never both, and what has fired can never
 * be armed again.
 */
export class TrustCell {
  private readonly cell: BigInt64Array;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)) {
    this.cell = new BigInt64Array(memory);
  }

  get fired(): boolean {
    return Atomics.load(this.cell, 0) === FIRED;
  }

  /** @param deadlineMs of the clock that all threads share @returns false: it has fired, nothing may be started */
  arm(deadlineMs: number): boolean {
    return this.change(() => toCell(deadlineMs));
  }

  /** Of an armed cell; an idle one stays idle. */
  move(deadlineMs: number): void {
    this.change((now) => (now === IDLE ? IDLE : toCell(deadlineMs)));
  }

  disarm(): void {
    this.change(() => IDLE);
  }

  /** @returns true: this call fired it */
  fireIfPassed(nowMs: number): boolean {
    const deadline = Atomics.load(this.cell, 0);
    if (deadline <= IDLE || BigInt(Math.floor(nowMs)) < deadline) return false;
    return Atomics.compareExchange(this.cell, 0, deadline, FIRED) === deadline;
  }

  private change(next: (now: bigint) => bigint): boolean {
    for (;;) {
      const now = Atomics.load(this.cell, 0);
      if (now === FIRED) return false;
      if (Atomics.compareExchange(this.cell, 0, now, next(now)) === now) return true;
    }
  }
}

const IDLE = 0n;
const FIRED = -1n;

function toCell(deadlineMs: number): bigint {
  return BigInt(Math.max(1, Math.floor(deadlineMs)));
}
