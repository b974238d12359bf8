import { setTimeout as delay } from 'node:timers/promises';
import type { Page, PauseView } from '@dibs/shared';
import type { Api } from '../support/api.js';
import type { Change } from './witness.js';

/**
 * A server learns of a pause by a signal, or by the next sweep (0.5 s here); grants that were on their way may still
 * arrive. A server that was frozen, or lost its database, learns of it so much later.
 */
const LEARNED_WITHIN_MS = 3_000;
const RETRY_MS = 100;
const ANSWERED_WITHIN_MS = 60_000;

export type PauseKind = 'runner' | 'lane' | 'organization' | 'server';

export interface Held {
  readonly what: string;
  /** true: a grant of this job would break it. */
  readonly covers: (job: string) => boolean;
  /** From the moment in which the caller had its answer, to that in which it began to lift it. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Pauses as callers make and lift them, and what must not happen meanwhile. */
export class Pauses {
  private readonly held: { what: string; covers: Held['covers']; fromMs: number; untilMs: number }[] = [];
  private readonly disturbedAtMs: number[] = [];

  /** A server goes on after a time without the news. */
  noteDisturbance(): void {
    this.disturbedAtMs.push(Date.now());
  }

  /** Nothing happens when it is paused already, or cannot be. */
  async hold(apis: readonly Api[], kind: PauseKind, id: string, forMs: number, covers: Held['covers']): Promise<void> {
    const [path, body] =
      kind === 'server'
        ? ['/api/v1/maintenance', { note: 'a schedule' }]
        : ['/api/v1/pauses', { target: { type: kind, id }, note: 'a schedule' }];
    const answer = await untilAnswered(apis, 'POST', path, body);
    if (!answer?.ok) return;
    const pause = (await answer.json()) as { readonly id?: string };
    const entry = { what: `${kind} ${id}`, covers, fromMs: Date.now(), untilMs: Infinity };
    this.held.push(entry);
    await delay(forMs);
    entry.untilMs = Date.now();
    await lift(apis, kind === 'server' ? path : `${path}/${pause.id}`);
  }

  /** Also those whose answers were lost. @throws when no server answers */
  async liftAll(apis: readonly Api[]): Promise<void> {
    for (const each of this.held) each.untilMs = Math.min(each.untilMs, Date.now());
    const answer = await untilAnswered(apis, 'GET', '/api/v1/pauses?limit=100');
    if (!answer?.ok) throw new Error(`GET /api/v1/pauses: ${answer?.status ?? 'no answer'}`);
    const { items } = (await answer.json()) as Page<PauseView>;
    for (const { id } of items) await lift(apis, `/api/v1/pauses/${id}`);
    await lift(apis, '/api/v1/maintenance');
  }

  violations(changes: readonly Change[]): string[] {
    return pauseViolations(changes, this.held, this.disturbedAtMs);
  }
}

/** What is held back is given to nobody. @returns one sentence per violation */
export function pauseViolations(
  changes: readonly Change[],
  held: readonly Held[],
  disturbedAtMs: readonly number[],
): string[] {
  const isExcused = (atMs: number): boolean =>
    disturbedAtMs.some((sinceMs) => atMs >= sinceMs && atMs < sinceMs + LEARNED_WITHIN_MS);
  return changes
    .filter(({ live, atMs }) => live === true && !isExcused(atMs))
    .flatMap(({ job, attempt, atMs }) =>
      held
        .filter(({ covers, fromMs, untilMs }) => atMs > fromMs + LEARNED_WITHIN_MS && atMs < untilMs && covers(job))
        .map(({ what }) => `pause: job ${job} was given away as attempt ${attempt} while ${what} was paused`),
    );
}

/** Until some server has done it, or says that there is none. */
export async function lift(apis: readonly Api[], path: string): Promise<void> {
  const answer = await untilAnswered(apis, 'DELETE', path);
  if (!answer?.ok && answer?.status !== 404) throw new Error(`DELETE ${path}: ${answer?.status ?? 'no answer'}`);
}

/** Of whichever server answers: one may be down, or both while their database is. */
export async function untilAnswered(
  apis: readonly Api[],
  method: string,
  path: string,
  body?: object,
): Promise<Response | null> {
  for (let tries = 0, deadline = Date.now() + ANSWERED_WITHIN_MS; Date.now() < deadline; tries += 1) {
    const answer = await apis[tries % apis.length]!.send(method, path, body).catch(() => null);
    if (answer && answer.status < 500) return answer;
    await delay(RETRY_MS);
  }
  return null;
}
