import type { JobFinished, ResultReply } from '@dibs/shared';
import type { Logger } from 'pino';

export interface ResultDeliveryOptions {
  /** Asked when the log is complete. */
  readonly finished: () => JobFinished;
  /** true: the log is stored to its last line; false: shipping was stopped or refused. */
  readonly logDrained: () => Promise<boolean>;
  /** Every step message is answered. */
  readonly stepsSettled: () => Promise<void>;
  /** Until there is an answer that stays. */
  readonly ask: (message: JobFinished) => Promise<ResultReply | 'stopped'>;
  /** The server has the log up to here only: ships it again from there. Resolves when that has begun. */
  readonly resync: (ackedSeq: number | undefined) => Promise<void>;
  readonly log: Logger;
}

/** `dropped`: the server does not want it, repeating cannot help. `stopped`: to be sent by the next process. */
export type Delivery = 'accepted' | 'dropped' | 'stopped';

/** Log first, then the steps, then the result; the server refuses a result whose log is not complete. */
export async function deliverResult(options: ResultDeliveryOptions): Promise<Delivery> {
  const { log } = options;
  for (let gaps = 0; ; gaps += 1) {
    const logIsComplete = await options.logDrained();
    await options.stepsSettled();
    const finished = options.finished();
    const reply = await options.ask(finished);
    if (reply === 'stopped') return 'stopped';
    if (reply.ok) return 'accepted';
    const { code, message } = reply;
    if (code !== 'E_GAP' || !logIsComplete || gaps >= MAX_RESYNCS) {
      const level = EXPECTED_REFUSALS.has(code) ? 'warn' : 'error';
      log[level]({ code, reason: message, outcome: finished.outcome }, 'result dropped: the server refuses it');
      return 'dropped';
    }
    log.warn('the server lacks log lines: shipping them again before the result');
    await options.resync(reply.ackedSeq);
  }
}

/** A server that goes on missing what it has acknowledged must not keep the attempt for ever. */
const MAX_RESYNCS = 5;
/** The attempt ended without us: the lease expired, or an answer was lost. */
const EXPECTED_REFUSALS: ReadonlySet<string> = new Set(['E_FENCED', 'E_TERMINAL', 'E_NOT_FOUND']);
