/** How often a line that is drawn anew is looked at. */
const LOOK_EVERY_MS = 200;
/** Of the time that it has been drawn for: so the looks grow with its logarithm, and a bar of hours is not a log of its own. */
const LOOK_EVERY_PART = 1 / 100;

/** Looks at the unfinished line of one stream while it is drawn anew, after output has come: not when nothing changes. */
export class RedrawWatch {
  private timer: NodeJS.Timeout | null = null;
  private sinceMs: number | null = null;

  /** @param onDue is called when it is time to look */
  constructor(
    private readonly onDue: () => void,
    private readonly lookEveryMs = LOOK_EVERY_MS,
  ) {}

  /** Output has come. */
  note(isRedrawing: boolean): void {
    if (!isRedrawing) return this.stop();
    this.sinceMs ??= performance.now();
    if (this.timer) return;
    const waitMs = Math.max(this.lookEveryMs, (performance.now() - this.sinceMs) * LOOK_EVERY_PART);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.onDue();
    }, waitMs).unref();
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = this.sinceMs = null;
  }
}
