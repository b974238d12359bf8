import type { LogPage } from '@dibs/shared';
import { wallClockMs } from './clock.js';
import type { HttpApi } from './http-api.js';

/** Lines that the dashboard asks for when it opens a log. */
const OPENING_LINES = 500;

/** Opens a log at its end as the dashboard does. One pull at a time; whatever came in the meantime is one more pull. */
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
    const part = this.after === null ? `tail=${OPENING_LINES}` : `after=${this.after}`;
    const page = await this.api.call<LogPage>('GET', `/api/v1/jobs/${this.jobId}/logs?format=json&${part}`);
    const nowMs = wallClockMs();
    for (const { text } of this.everyLine ? page.items : page.items.slice(-1)) {
      this.onPulled(nowMs - Number.parseFloat(text));
    }
    this.after = page.nextAfter;
  }
}
