import type { JobEventType, JobEventView, JobReason } from '@dibs/shared';
import { JOB_REASONS } from '@dibs/shared';

/** A row of job_events. `data` holds what the writer of the event knew; a part may be missing in older rows. */
export interface JobEventRow {
  readonly at: string;
  readonly type: JobEventType;
  readonly attempt: number | null;
  readonly data: JobEventData;
}

export interface JobEventData {
  readonly by?: string;
  readonly retryOf?: string | null;
  readonly runner?: string;
  readonly instance?: string;
  readonly step?: number;
  readonly name?: string;
  readonly state?: string;
  readonly outcome?: string;
  readonly reason?: string | null;
  readonly exitCode?: number | null;
  readonly signal?: string | null;
  readonly mode?: string;
  /** The newer job of the group that asked for the cancel. */
  readonly supersededBy?: string;
  /** Pause before another attempt. */
  readonly delaySeconds?: number;
  /** How the connection of a lost attempt's runner had ended. */
  readonly disconnect?: string | null;
  /** How many: claims that lost, children made. */
  readonly count?: number;
  /** An offer: how many instances were asked, in how many rounds. */
  readonly instances?: number;
  readonly rounds?: number;
  /** Between two renewals. */
  readonly gapMs?: number;
  /** A pause: what was paused, why, and when it ended. */
  readonly target?: string;
  readonly note?: string;
  readonly until?: string | null;
  /** A fan-out: offline instances that were left out, and how many children may be unfinished at a time. */
  readonly skipped?: number;
  readonly batchSize?: number | null;
}

/** @param stepNames of the job's spec: events name a step by its number */
export function toTimeline(events: readonly JobEventRow[], stepNames: readonly string[]): JobEventView[] {
  return events.map(({ at, type, attempt, data }) => ({
    at: new Date(at).toISOString(),
    type,
    attempt,
    text: SENTENCES[type](data, stepNames),
  }));
}

type Sentence = (data: JobEventData, stepNames: readonly string[]) => string;

const SENTENCES: Readonly<Record<JobEventType, Sentence>> = {
  submitted: ({ by, retryOf }) => `Submitted${by ? ` by ${by}` : ''}${retryOf ? ` as a retry of job ${retryOf}` : ''}.`,
  queued: () => 'Queued: the next free runner that fits takes it.',
  claimed: (data) => `Claimed by ${holder(data)}.`,
  started: () => 'Started.',
  step_started: (data, names) => `Step ${stepOf(data, names)} started.`,
  step_finished: (data, names) => `Step ${stepOf(data, names)} ${stepResult(data)}.`,
  runner_disconnected: (data) => `Lost the connection to ${holder(data)}; the lease goes on.${why(data)}`,
  runner_reconnected: (data) => `${capitalized(holder(data))} is connected again.`,
  offered: ({ instances, rounds }) => `Offered to ${some(instances, 'instance')} in ${some(rounds, 'round')}.`,
  standing_claim: (data) => `Fitted a slot that ${holder(data)} had called dibs on: granted without an offer.`,
  claims_lost: ({ count }) => `${capitalized(some(count, 'claim'))} came too late.`,
  renewal_gap: (data) => `No renewal from ${holder(data)} for ${seconds(data.gapMs)}; the lease went on in time.`,
  held_by_pause: ({ target, by, note, until }) =>
    `Held back by a pause of ${target ?? 'its lane'}${by ? ` by ${by}` : ''}${until ? ` until ${until}` : ''}${note ? `: ${note}` : '.'}`,
  no_matching_runner: () => 'No known runner could ever take it: none fits what it asks for.',
  runner_matches: () => 'A runner that fits it is known again.',
  fanned_out: ({ count, skipped, batchSize }) =>
    `Fanned out to ${some(count, 'instance')}${batchSize ? `, at most ${batchSize} at a time` : ''}${skipped ? `; ${some(skipped, 'offline instance')} left out` : ''}.`,
  cancel_requested: ({ by, mode, supersededBy }) =>
    `Cancel${mode ? ` (${words(mode)})` : ''} requested${supersededBy ? ` for the newer job ${supersededBy}` : by ? ` by ${by}` : ''}.`,
  requeued: (data) => `Back in the queue.${why(data)}${disconnect(data)}`,
  retry_scheduled: (data) =>
    `To be tried again${data.delaySeconds === undefined ? '' : ` in ${data.delaySeconds} s`}.${why(data)}`,
  admitted: (data) => `Let into the queue.${data.reason ? ` It had waited: ${words(data.reason)}.` : ''}`,
  finished: (data) => `Finished: ${words(data.state ?? data.outcome ?? 'ended')}.${why(data)}${disconnect(data)}`,
};

/** What was known of the connection, as a sentence of its own. */
function disconnect({ disconnect: reason }: JobEventData): string {
  return reason ? ` The connection had ended before: ${reason}.` : '';
}

function holder({ runner, instance }: JobEventData): string {
  if (!runner && !instance) return 'the runner';
  if (!instance || instance === runner) return `runner ${runner ?? instance}`;
  return `runner ${runner ?? ''} (instance ${instance})`;
}

function stepOf({ step, name }: JobEventData, names: readonly string[]): string {
  if (step === undefined) return name ?? '';
  const label = name ?? names[step];
  return label ? `${step + 1} "${label}"` : String(step + 1);
}

function stepResult({ state, exitCode, signal }: JobEventData): string {
  const how =
    signal != null
      ? ` (signal ${signal})`
      : exitCode != null && state !== 'succeeded'
        ? ` (exit code ${exitCode})`
        : '';
  return `${words(state ?? 'finished')}${how}`;
}

/** The reason as a sentence of its own, led by a space; nothing where it goes without saying. */
function why({ reason }: JobEventData): string {
  if (!reason || reason === 'completed' || reason === 'canceled') return '';
  return ` ${JOB_REASONS[reason as JobReason] ?? `${capitalized(words(reason))}.`}`;
}

function some(count: number | undefined, noun: string): string {
  return count === undefined ? `some ${noun}s` : `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? 'long' : `${(ms / 1_000).toFixed(1)} s`;
}

function words(code: string): string {
  return code.replaceAll('_', ' ');
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
