import type { JobFinished, ResultReply } from '@dibs/shared';
import type { Logger } from 'pino';
import type { Asker, AskTiming } from '../connection/ask-until-answered.js';
import { backoffMs } from '../connection/backoff.js';
import { NoAnswerError } from '../connection/link-errors.js';
import { orStopped, waitMs } from '../connection/wait.js';

export interface ResultBatchesOptions {
  readonly link: Asker;
  readonly ask: AskTiming;
  readonly closing: AbortSignal;
  readonly log: Logger;
}

interface Waiting {
  readonly result: JobFinished;
  readonly settle: (answer: ResultReply | 'stopped') => void;
  failures: number;
  /** It was in a batch that was refused as a whole: the others shall not suffer for it. */
  alone: boolean;
}

/**
 * Sends results, those that are ready together in one message, two messages at a time: while the server commits one, it
 * can begin with the other; what is ready meanwhile gathers. Each is repeated, unchanged, over cuts and retryable refusals, until it has an answer that stays; of one
 * that must be repeated later the others hear nothing.
 */
export class ResultBatches {
  private ready: Waiting[] = [];
  /** Messages without an answer. */
  private sending = 0;
  private waking = false;

  constructor(private readonly options: ResultBatchesOptions) {
    options.closing.addEventListener('abort', () => this.stop(), { once: true });
  }

  /** @returns the answer that stays, E_GAP included; 'stopped': the process ends, it may or may not have arrived */
  deliver(result: JobFinished): Promise<ResultReply | 'stopped'> {
    if (this.options.closing.aborted) return Promise.resolve('stopped');
    return new Promise((settle) => this.add({ result, settle, failures: 0, alone: false }));
  }

  private add(waiting: Waiting): void {
    this.ready.push(waiting);
    if (this.waking || this.sending === MAX_MESSAGES) return;
    this.waking = true;
    // a microtask later: results of one moment (all grants of one message) leave together
    queueMicrotask(() => void this.sendAll());
  }

  private async sendAll(): Promise<void> {
    const { link, closing } = this.options;
    this.waking = false;
    this.sending += 1;
    while (this.ready.length > 0 && !closing.aborted) {
      await link.untilUp(closing);
      if (closing.aborted) break;
      const batch = this.nextBatch();
      // the other message may have taken them while this one waited for the connection
      if (batch.length > 0) await this.send(batch);
    }
    this.sending -= 1;
  }

  private nextBatch(): Waiting[] {
    const [first] = this.ready;
    if (first?.alone) return this.ready.splice(0, 1);
    let counts = 0;
    const end = this.ready.findIndex(({ alone, result }, index) => {
      counts += result.log?.length ?? 0;
      return alone || (index > 0 && counts > MAX_LOG_COUNTS);
    });
    return this.ready.splice(0, Math.min(MAX_RESULTS, end < 0 ? MAX_RESULTS : end));
  }

  private async send(batch: readonly Waiting[]): Promise<void> {
    const { link, ask, closing, log } = this.options;
    const results = batch.map(({ result }) => result);
    try {
      const reply = await orStopped(link.request('job:finished', { results }, ask.timeoutMs), closing);
      if (reply === 'stopped') for (const { settle } of batch) settle('stopped');
      else if (reply.ok) batch.forEach((waiting, index) => this.answered(waiting, reply.results[index]));
      else if (reply.retryable || batch.length === 1) for (const waiting of batch) this.answered(waiting, reply);
      else {
        log.error({ code: reply.code, reason: reply.message, results: batch.length }, 'results refused as a whole');
        for (const waiting of batch) this.ready.push(Object.assign(waiting, { alone: true }));
      }
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      for (const waiting of batch) this.repeatLater(waiting, 0);
    }
  }

  /** No answer in the reply is none at all: the same result again is harmless. */
  private answered(waiting: Waiting, answer: ResultReply | undefined): void {
    if (answer && (answer.ok || !answer.retryable || answer.code === 'E_GAP')) waiting.settle(answer);
    else this.repeatLater(waiting, answer && !answer.ok ? (answer.retryAfterMs ?? 0) : 0);
  }

  private repeatLater(waiting: Waiting, askedToWaitMs: number): void {
    const { ask, closing } = this.options;
    const limits = { firstMs: ask.retryFirstMs, capMs: ask.retryCapMs };
    const inMs = backoffMs(waiting.failures++, Math.random(), limits, askedToWaitMs);
    void waitMs(inMs, closing).then(() => (closing.aborted ? waiting.settle('stopped') : this.add(waiting)));
  }

  private stop(): void {
    for (const { settle } of this.ready.splice(0)) settle('stopped');
  }
}

/** What the protocol allows in one message. */
const MAX_RESULTS = 500;
/** Each takes about 110 bytes. */
const MAX_LOG_COUNTS = 1_000;
const MAX_MESSAGES = 2;
