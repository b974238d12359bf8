import { setTimeout as delay } from 'node:timers/promises';
import type { CancelMode, SubmitJobBody } from '@dibs/shared';
import type { Api } from '../support/api.js';
import type { Ledger } from '../support/ledger.js';
import type { PlannedJob } from './schedule.js';

const TRIES = 40;
const BETWEEN_TRIES_MS = 100;
/** Every runner has it; jobs that demand it have a lane of their own. */
export const APART = { pool: 'apart' };

/** What callers sent and were answered: the only truth about which jobs there must be. */
export class Submissions {
  readonly accepted: string[] = [];
  /** Jobs whose cancel was answered. */
  readonly canceled = new Set<string>();
  /** Submits whose answer was lost: each may or may not have made a job. */
  maybe = 0;
  readonly violations: string[] = [];
  readonly groupOf = new Map<string, string>();
  /** Jobs that are fanned out, and how many of their children may be under way. */
  readonly batchSizeOf = new Map<string, number | null>();
  /** Jobs of the lane that pauses of lanes hold back. */
  readonly apart = new Set<string>();
  private readonly byKey = new Map<
    number,
    { readonly planned: PlannedJob; readonly body: SubmitJobBody; id: string | null }
  >();

  /** Each submit that is not repeated, and each key, names its job: so that a second one is known from a lost answer. */
  private readonly names = new Set<string>();

  constructor(private readonly ledger: Ledger) {}

  /** Without a key it is sent once; with one until it is answered, on whichever server answers. */
  async submit(apis: readonly Api[], planned: PlannedJob, key: number | null): Promise<void> {
    if (key !== null) return this.submitKeyed(apis, planned, key);
    const body = this.bodyOf(planned, `submit ${this.names.size}`);
    const response = await apis[0]!.send('POST', '/api/v1/jobs', body).catch(() => null);
    if (response?.status === 201) this.accept(((await response.json()) as { id: string }).id, planned);
    else if (response === null || response.status >= 500) this.maybe += 1;
    else this.violations.push(`a submit was answered ${response.status}: ${await response.text()}`);
  }

  async cancel(api: Api, nth: number, mode: CancelMode): Promise<void> {
    const id = this.accepted[nth];
    if (id === undefined) return;
    const answer = await api.cancel(id, mode).catch(() => null);
    if (answer !== null) this.canceled.add(id);
  }

  /** I4, I5: of what was sent once there is one job at most, and of nothing else. */
  nameViolations(present: readonly { readonly id: string; readonly name: string }[]): string[] {
    const firstOf = new Map<string, string>();
    return present.flatMap(({ id, name }) => {
      if (!this.names.has(name)) return [`I4: nobody submitted job ${id}, "${name}"`];
      const first = firstOf.get(name);
      firstOf.set(name, first ?? id);
      return first === undefined
        ? []
        : [`${name.startsWith('key') ? 'I5' : 'I4'}: "${name}" made the jobs ${first} and ${id}`];
    });
  }

  private async submitKeyed(apis: readonly Api[], planned: PlannedJob, key: number): Promise<void> {
    // the same key means the same body, whoever sends it
    const entry = this.byKey.get(key) ?? { planned, body: this.bodyOf(planned, `key ${key}`), id: null };
    this.byKey.set(key, entry);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const api = apis[tries % apis.length]!;
      const headers = { 'idempotency-key': `key-${key}` };
      const response = await api.send('POST', '/api/v1/jobs', entry.body, headers).catch(() => null);
      if (response?.status === 201 || response?.status === 200) {
        const { id } = (await response.json()) as { id: string };
        if (entry.id === null) this.accept(id, entry.planned);
        else if (entry.id !== id) this.violations.push(`I5: key ${key} made the jobs ${entry.id} and ${id}`);
        entry.id = id;
        return;
      }
      await delay(BETWEEN_TRIES_MS);
    }
    if (entry.id === null) this.maybe += 1;
  }

  private accept(id: string, { group, fanOut, isApart }: PlannedJob): void {
    if (!this.accepted.includes(id)) this.accepted.push(id);
    if (group !== null) this.groupOf.set(id, groupName(group));
    if (fanOut) this.batchSizeOf.set(id, fanOut.batchSize);
    if (isApart) this.apart.add(id);
  }

  private bodyOf(job: PlannedJob, name: string): SubmitJobBody {
    this.names.add(name);
    const run = this.ledger.command({ lines: job.lines, holdMs: job.holdMs, exitCode: job.exitCode });
    return {
      name,
      executor: { type: job.executor },
      steps: Array.from({ length: job.steps }, () => ({ run })),
      onLost: job.onLost,
      maxAttempts: job.maxAttempts,
      priority: job.priority,
      ...(job.isApart ? { requires: { labels: APART } } : {}),
      ...(job.fanOut ? { runner: 'e2e', fanOut: job.fanOut } : {}),
      ...(job.instance === undefined ? {} : { runner: 'e2e', instance: job.instance }),
      ...(job.tries > 1 ? { retry: { maxAttempts: job.tries, onExitCodes: [75], backoffSeconds: 1 } } : {}),
      ...(job.group === null ? {} : { concurrency: { key: groupName(job.group), limit: 1 } }),
    };
  }
}

function groupName(group: number): string {
  return `group-${group}`;
}
