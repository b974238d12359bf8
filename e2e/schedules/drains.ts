import { setTimeout as delay } from 'node:timers/promises';
import type { Api } from '../support/api.js';
import type { Sighting } from './fake-worker.js';
import { lift, untilAnswered } from './pauses.js';
import type { Change } from './witness.js';

/** The database itself refuses what drains: only a statement that began before may still grant, and be held up. */
const UNDER_WAY_MS = 2_000;

export interface Drained {
  readonly instance: string;
  /** From the moment in which the caller had its answer, to that in which it began to take it back. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Drains without a deadline, as callers ask for them and take them back, and what must not happen meanwhile. */
export class Drains {
  private readonly drained: { instance: string; fromMs: number; untilMs: number }[] = [];
  private readonly busy = new Set<string>();

  /** Nothing happens while the same instance is drained already: whoever is first would end both. */
  async hold(apis: readonly Api[], path: string, instance: string, forMs: number): Promise<void> {
    if (this.busy.has(instance)) return;
    this.busy.add(instance);
    const entry = { instance, fromMs: Infinity, untilMs: Infinity };
    this.drained.push(entry);
    const answer = await untilAnswered(apis, 'POST', path, {});
    if (answer?.ok) {
      entry.fromMs = Date.now();
      await delay(forMs);
      this.noteEnd(instance);
      await lift(apis, path);
    }
    this.busy.delete(instance);
  }

  /** Also that of its process: the next one of this name takes jobs again. */
  noteEnd(instance: string): void {
    for (const each of this.drained) {
      if (each.instance === instance) each.untilMs = Math.min(each.untilMs, Date.now());
    }
  }

  violations(changes: readonly Change[], taken: Sighting['taken']): string[] {
    return drainViolations(changes, taken, this.drained);
  }
}

/** It is given nothing, and keeps what it has. @returns one sentence per violation */
export function drainViolations(
  changes: readonly Change[],
  taken: Sighting['taken'],
  drained: readonly Drained[],
): string[] {
  const drains = (instance: string | null, atMs: number, marginMs: number): boolean =>
    drained.some((each) => each.instance === instance && atMs > each.fromMs + marginMs && atMs < each.untilMs);
  return [
    ...changes
      .filter(({ live, instance, atMs }) => live === true && drains(instance, atMs, UNDER_WAY_MS))
      .map(({ job, attempt, instance }) => `drain: job ${job} was given to ${instance} as attempt ${attempt}`),
    ...taken
      .filter(({ instance, atMs }) => drains(instance, atMs, 0))
      .map(({ job, attempt, instance }) => `drain: attempt ${attempt} of job ${job} was taken from ${instance}`),
  ];
}
