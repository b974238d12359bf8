import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { SubmitJobBody } from '@dibs/shared';
import type { Api } from './api.js';

const BETWEEN_SUBMITS_MS = 100;

/**
 * Submits one job after the other until it is stopped, to one server after the other, as a caller behind a balancer
 * does: when a server does not take the job, the same one (by its key) goes to the other at once.
 */
export class SteadyCaller {
  readonly accepted: string[] = [];
  /** Jobs that no server took. */
  readonly failures: string[] = [];
  /** Jobs that the second server took, because the first could not. */
  detours = 0;
  private stopped = false;
  private readonly calling: Promise<void>;

  constructor(
    private readonly apis: readonly Api[],
    private readonly body: SubmitJobBody,
  ) {
    this.calling = this.callOn();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.calling;
  }

  private async callOn(): Promise<void> {
    for (let turn = 0; !this.stopped; turn += 1) {
      await this.submit([...this.apis.slice(turn % this.apis.length), ...this.apis.slice(0, turn % this.apis.length)]);
      await delay(BETWEEN_SUBMITS_MS);
    }
  }

  private async submit(apis: readonly Api[]): Promise<void> {
    const headers = { 'idempotency-key': randomUUID() };
    const answers: string[] = [];
    for (const api of apis) {
      try {
        this.accepted.push((await api.submit(this.body, headers)).id);
        this.detours += answers.length;
        return;
      } catch (error) {
        answers.push(String(error));
      }
    }
    this.failures.push(answers.join(', then '));
  }
}
