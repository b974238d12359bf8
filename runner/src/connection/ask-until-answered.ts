import type { ErrorCode } from '@dibs/shared';
import { backoffMs } from './backoff.js';
import { NoAnswerError } from './link-errors.js';
import type { Link } from './link.js';
import type { MessageOf, ReplyOf, RunnerEvent } from './runner-socket.js';
import { orStopped, waitMs } from './wait.js';

export type Asker = Pick<Link, 'request' | 'untilUp'>;

export interface AskTiming {
  readonly timeoutMs: number;
  /** Between repetitions on a connection that is up. */
  readonly retryFirstMs: number;
  readonly retryCapMs: number;
  /** Refusals that the caller handles itself, even when the server calls them retryable. */
  readonly handled?: readonly ErrorCode[];
}

/**
 * Repeats a request, unchanged, over reconnects, lost replies and retryable refusals, until there is an answer that
 * stays: success or a refusal that no repetition can change.
 * @returns 'stopped' when the signal came first; the request may or may not have been carried out then
 */
export async function askUntilAnswered<Event extends RunnerEvent>(
  link: Asker,
  event: Event,
  message: MessageOf<Event>,
  timing: AskTiming,
  signal: AbortSignal,
): Promise<ReplyOf<Event> | 'stopped'> {
  const limits = { firstMs: timing.retryFirstMs, capMs: timing.retryCapMs };
  for (let failures = 0; !signal.aborted; failures += 1) {
    await link.untilUp(signal);
    if (signal.aborted) break;
    let askedToWaitMs = 0;
    try {
      const reply = await orStopped(link.request(event, message, timing.timeoutMs), signal);
      if (reply === 'stopped' || reply.ok || !reply.retryable || timing.handled?.includes(reply.code)) return reply;
      askedToWaitMs = reply.retryAfterMs ?? 0;
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
    }
    await waitMs(backoffMs(failures, Math.random(), limits, askedToWaitMs), signal);
  }
  return 'stopped';
}

export function askTiming(timeScale: number): AskTiming {
  return {
    timeoutMs: Math.max(1000, 10_000 * timeScale),
    retryFirstMs: 500 * timeScale,
    retryCapMs: 10_000 * timeScale,
  };
}
