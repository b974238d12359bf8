import type { HeldAttempt, Refusal, StepFinished, StepStarted } from '@dibs/shared';
import type { StepEnd } from './attempt-outcome.js';

type Answer = { readonly ok: true } | Refusal | 'stopped';

export interface StepReportsOptions {
  readonly held: HeldAttempt;
  /** Ask until answered. */
  readonly askStarted: (message: StepStarted) => Promise<Answer>;
  readonly askFinished: (message: StepFinished) => Promise<Answer>;
  readonly onRefused: (refusal: Refusal) => void;
}

/**
 * The step messages of one attempt, one after the other: a repeated `step:finished` must not arrive behind the
 * `step:started` of the next step. A report that was not answered yet is kept for the result on disk.
 */
export class StepReports {
  private tail: Promise<unknown> = Promise.resolve();
  private readonly unanswered = new Set<StepFinished>();

  constructor(private readonly options: StepReportsOptions) {}

  /** @returns true once the server has acknowledged it: only then may the step's process start */
  started(step: number): Promise<boolean> {
    return this.enqueue(() => this.options.askStarted({ ...this.options.held, step, atMs: Date.now() }));
  }

  finished(step: number, { state, exitCode, signal }: StepEnd): void {
    this.resend({ ...this.options.held, step, atMs: Date.now(), state, exitCode, signal });
  }

  resend(message: StepFinished): void {
    this.unanswered.add(message);
    void this.enqueue(async () => {
      const answer = await this.options.askFinished(message);
      if (answer !== 'stopped') this.unanswered.delete(message);
      return answer;
    });
  }

  /** Finished steps of which the server may not know. */
  pending(): StepFinished[] {
    return [...this.unanswered];
  }

  /** Everything reported so far is answered (or asking was stopped). */
  async settled(): Promise<void> {
    await this.tail;
  }

  private enqueue(ask: () => Promise<Answer>): Promise<boolean> {
    const answered = this.tail.then(ask).then((answer) => {
      if (answer === 'stopped') return false;
      if (!answer.ok) this.options.onRefused(answer);
      return answer.ok;
    });
    this.tail = answered.catch(() => undefined);
    return answered;
  }
}
