import { isTerminal, type AtMostCount, type ExplainRule, type ExplainVerdict, type JobState } from '@dibs/shared';

/** What the rules said about all known instances (and runner records without any), counted. */
export interface RunnerTally {
  readonly known: number;
  /** Fit, and their runner is enabled. */
  readonly fitting: number;
  readonly canTakeNow: number;
  readonly byRule: ReadonlyMap<ExplainRule, number>;
  /** Of those that fit and whose runner is disabled. */
  readonly fittingDisabled: number;
  /** Name of one that can take the job now. */
  readonly ready: string | null;
  /** The nearest miss in words: who, and the first rule that says no. */
  readonly nearest: string | null;
}

export interface WaitFacts {
  /** null: what-if. */
  readonly state: JobState | null;
  /** Code of the job's reason, as stored. */
  readonly reason: string | null;
  readonly reasonText: string | null;
  /** Who holds the job, in words. */
  readonly holder: string | null;
  readonly tally: RunnerTally;
  /** The pause that holds the whole lane, in words. */
  readonly pause: string | null;
  readonly ahead: AtMostCount | null;
  /** The group has no room for one more. */
  readonly group: { readonly key: string; readonly limit: number; readonly isFull: boolean } | null;
  readonly quota: { readonly limit: number; readonly isFull: boolean } | null;
  readonly wakeAt: string | null;
  /** What it would be fanned out to; null: it is not fanned out, or has its children already. */
  readonly fanOut: FanOutFacts | null;
}

export interface FanOutFacts {
  /** Instances that would get a child. */
  readonly total: number;
  readonly batchSize: number | null;
  /** How many match and would be left out. */
  readonly skipped: number;
}

export interface Verdict {
  readonly verdict: ExplainVerdict;
  /** One plain sentence, two at most. */
  readonly summary: string;
}

/** What a job waits for: the first of all reasons that somebody would have to do something about. */
export function verdictOf(facts: WaitFacts): Verdict {
  const { state } = facts;
  if (state !== null && isTerminal(state)) return ended(facts, state);
  if (state === 'running') return { verdict: 'running', summary: `It runs on ${facts.holder ?? 'its runner'}.` };
  if (state === 'claimed') {
    return { verdict: 'starting', summary: `${facts.holder ?? 'A runner'} has claimed it and prepares it.` };
  }
  if (state === 'waiting') return waiting(facts);
  return (state === null ? beforeTheQueue(facts) : null) ?? queued(facts);
}

function ended({ reasonText }: WaitFacts, state: JobState): Verdict {
  const how = state.replaceAll('_', ' ');
  return { verdict: 'ended', summary: `It has ended: ${how}.${reasonText ? ` ${reasonText}` : ''}` };
}

/** Not in the queue yet: something must happen before any runner is looked at. */
function waiting(facts: WaitFacts): Verdict {
  const { reason, reasonText, group, quota, wakeAt, ahead, pause } = facts;
  if (reason === 'retry_backoff') {
    const when = wakeAt === null ? 'soon' : `at ${wakeAt}`;
    return { verdict: 'retry_backoff', summary: `It failed and is tried again ${when}.` };
  }
  if (reason === 'quota') return { verdict: 'quota', summary: quotaFull(quota?.limit) };
  if (reason === 'fan_out' && pause !== null) return { verdict: 'held_by_pause', summary: pause };
  if (reason === 'fan_out' || reason === 'fan_out_turn') {
    return { verdict: reason, summary: reasonText ?? 'It waits for its fan-out.' };
  }
  return { verdict: 'concurrency_group', summary: groupFull(group, ahead) };
}

/** What would keep a job that is submitted now from being queued at all. */
function beforeTheQueue(facts: WaitFacts): Verdict | null {
  const { group, quota, ahead, fanOut } = facts;
  if (group?.isFull) return { verdict: 'concurrency_group', summary: groupFull(group, ahead) };
  if (fanOut !== null) return fannedOut(fanOut, facts);
  if (quota?.isFull) return { verdict: 'quota', summary: quotaFull(quota.limit) };
  return null;
}

/** The job itself never waits for a runner; its children do. */
function fannedOut(fanOut: FanOutFacts, { pause, quota, tally }: WaitFacts): Verdict {
  if (pause !== null) return { verdict: 'held_by_pause', summary: pause };
  const { total, skipped } = fanOut;
  if (total === 0) {
    const summary = 'No known instance of any runner matches, so there would be nothing to fan out to.';
    const why = skipped === 0 ? nearest(tally) : ` ${leftOut(skipped, '')}`;
    return { verdict: 'no_runner_matches', summary: `${summary}${why}` };
  }
  if (quota?.isFull) {
    const most = `at most ${quota.limit} at a time`;
    const summary = `${childrenOf(fanOut)} They wait until the organization runs fewer jobs (${most}).`;
    return { verdict: 'quota', summary };
  }
  return {
    verdict: 'fan_out',
    summary: `${childrenOf(fanOut)}${skipped === 0 ? '' : ` ${leftOut(skipped, ' more')}`}`,
  };
}

function childrenOf({ total, batchSize }: FanOutFacts): string {
  const turns = batchSize === null || batchSize >= total ? '' : `, ${batchSize} at a time`;
  return total === 1 ? 'One instance gets a child.' : `${total} instances get a child each${turns}.`;
}

function leftOut(skipped: number, more: '' | ' more'): string {
  return skipped === 1
    ? `One${more} matches, but it is offline or draining and left out.`
    : `${skipped}${more} match, but they are offline or draining and left out.`;
}

function queued({ tally, pause, ahead }: WaitFacts): Verdict {
  if (pause !== null) return { verdict: 'held_by_pause', summary: pause };
  if (tally.fitting === 0) return { verdict: 'no_runner_matches', summary: hopeless(tally) };
  if (tally.canTakeNow > 0) {
    const many = tally.canTakeNow === 1 ? '' : ` and ${others(tally.canTakeNow - 1)}`;
    return {
      verdict: 'can_start_now',
      summary: `${tally.ready ?? 'A runner'}${many} can take it now.${inLine(ahead)}`,
    };
  }
  const count = (rule: ExplainRule): number => tally.byRule.get(rule) ?? 0;
  const busy = count('no_free_slot');
  if (busy > 0) {
    const who =
      busy === 1 ? 'The one instance that could take it has' : `The ${busy} instances that could take it have`;
    return { verdict: 'waiting_for_slot', summary: `${who} no free slot.${inLine(ahead)}` };
  }
  if (count('paused') > 0) {
    return { verdict: 'held_by_pause', summary: `Every runner that fits and is online is paused.${nearest(tally)}` };
  }
  return { verdict: 'waiting_for_runner', summary: `${nobodyThere(tally, count)}${inLine(ahead)}` };
}

function nobodyThere({ fitting }: RunnerTally, count: (rule: ExplainRule) => number): string {
  const why = [
    [count('offline'), 'offline'],
    [count('draining'), 'draining'],
    [count('stopped'), 'taking nothing for now'],
    [count('unresponsive'), 'not answering'],
  ] as const;
  const told = why.filter(([number]) => number > 0);
  if (fitting === 1) return `One known instance fits, but it is ${told.map(([, words]) => words).join()}.`;
  const counts = told.map(([number, words]) => `${number} ${words}`);
  return `${fitting} known instances fit, but none can take it: ${counts.join(', ')}.`;
}

function hopeless(tally: RunnerTally): string {
  if (tally.known === 0) return 'No runner is registered, so nobody could ever take it.';
  if (tally.fittingDisabled > 0) return 'No enabled runner could ever take it: those that fit are disabled.';
  return `No known runner could ever take it.${nearest(tally)}`;
}

function nearest(tally: RunnerTally): string {
  return tally.nearest === null ? '' : ` The nearest is ${tally.nearest}`;
}

function inLine(ahead: AtMostCount | null): string {
  if (ahead === null || ahead.count === 0) return '';
  if (ahead.more) return ` More than ${ahead.count} jobs with the same requirements go first.`;
  return ahead.count === 1
    ? ' One job with the same requirements goes first.'
    : ` ${ahead.count} jobs with the same requirements go first.`;
}

function groupFull(group: WaitFacts['group'], ahead: AtMostCount | null): string {
  if (group === null) return 'It waits until its concurrency group has room.';
  const older =
    ahead === null || ahead.count === 0 ? '' : `; ${ahead.more ? 'more than ' : ''}${ahead.count} older go first`;
  return `It waits until the concurrency group ${group.key} has room (${group.limit} at a time${older}).`;
}

function quotaFull(limit: number | undefined): string {
  const most = limit === undefined ? '' : ` (at most ${limit} at a time)`;
  return `It waits until the organization runs fewer jobs${most}.`;
}

function others(count: number): string {
  return count === 1 ? 'one other' : `${count} others`;
}
