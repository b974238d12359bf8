import type { LogPage } from '@dibs/shared';
import { machineClockMs } from './clock.js';
import type { HttpApi } from './http-api.js';

/** Lines that the dashboard asks for at a time. */
const LINES_PER_READ = 2_000;
/** Further behind, it opens the log again. */
const MOST_LINES_BEHIND = 10_000;

/**
 * Opens a log at its end and follows it as the dashboard does. One pull at a time; whatever came in the meantime is one more
 * pull.
 */
export class LogViewer {
  /** null: it is not open yet. */
  private after: number | null = null;
  private upTo = 0;
  private pulling = false;

  /**
   * @param onPulled is told how old the newest line of a pull was when it arrived, in milliseconds
   * @param everyLine it is told so of every line
   */
  constructor(
    private readonly api: HttpApi,
    private readonly jobId: string,
    private readonly onPulled: (lateMs: number) => void,
    private readonly everyLine = false,
  ) {}

  async grew(upTo: number): Promise<void> {
    this.upTo = Math.max(this.upTo, upTo);
    if (this.pulling) return;
    this.pulling = true;
    while (this.after === null || this.after < this.upTo) await this.pull();
    this.pulling = false;
  }

  private async pull(): Promise<void> {
    const part = this.after === null ? `tail=${LINES_PER_READ}` : `after=${this.after}&limit=${LINES_PER_READ}`;
    const page = await this.api.call<LogPage>('GET', `/api/v1/jobs/${this.jobId}/logs?format=json&${part}`);
    const nowMs = machineClockMs();
    // records of what was left out have no time in their text
    const printed = page.items.filter(({ gap }) => gap === undefined);
    for (const { text } of this.everyLine ? printed : printed.slice(-1)) this.onPulled(nowMs - Number.parseFloat(text));
    this.after = page.lastSeq - page.nextAfter > MOST_LINES_BEHIND ? null : page.nextAfter;
  }
}
