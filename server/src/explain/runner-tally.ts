import type { ExplainRule, FanOutSpec, RunnerExplanation } from '@dibs/shared';
import { explain, fits, preferenceOf, type InstanceFacts } from '../domain/dispatch/eligibility.js';
import { fanOutPlace, type FanOutPlace } from '../domain/dispatch/fan-out-place.js';
import type { LaneRequirements } from '../domain/dispatch/lanes.js';
import type { RunnerTally } from '../domain/dispatch/verdict.js';
import type { KnownInstance, KnownRunner } from './explain.repository.js';

/** Runners and instances in one answer. */
export const MAX_LISTED = 200;

/** What can be done soonest comes first; of what lasts, what is nearest to a match. */
const USEFULNESS: Readonly<Record<ExplainRule, number>> = {
  no_free_slot: 1,
  stopped: 2,
  paused: 3,
  unresponsive: 4,
  draining: 5,
  offline: 6,
  runner_disabled: 7,
  tool_version: 8,
  label_mismatch: 9,
  tool_missing: 10,
  slots_too_few: 11,
  not_assigned: 12,
  never_connected: 13,
  other_instance: 14,
  other_runner: 15,
  executor_missing: 16,
};

export interface Survey {
  readonly tally: RunnerTally;
  /** The most useful first, at most MAX_LISTED. */
  readonly listed: readonly RunnerExplanation[];
  readonly notListed: number;
  /** null: the job is not fanned out. */
  readonly fanOut: SurveyedFanOut | null;
}

export interface SurveyedFanOut {
  /** How many instances get a child. */
  readonly total: number;
  /** As `runner/instance`, sorted. */
  readonly skipped: readonly string[];
}

/** What a job asks for that decides who gets it; `fanOut` null: one instance. */
export interface Wanted {
  readonly requirements: LaneRequirements;
  readonly fanOut: FanOutSpec | null;
}

interface Candidate extends RunnerExplanation {
  readonly preference: number;
  readonly priority: number;
  readonly fits: boolean;
  readonly isSkipped: boolean;
}

/** Asks the rules about every runner and instance, and counts what they say. */
export function survey(
  runners: readonly KnownRunner[],
  instances: readonly (KnownInstance & { readonly facts: InstanceFacts })[],
  wanted: Wanted,
): Survey {
  const runnerOf = new Map(runners.map((runner) => [runner.id, runner]));
  const candidates = [
    ...instances.flatMap((instance) => {
      const runner = runnerOf.get(instance.runnerId);
      return runner ? [judge(runner, instance, wanted)] : [];
    }),
    ...runners.filter((runner) => runner.instances === 0).map((runner) => unused(runner, wanted)),
  ].sort(byUsefulness);
  const listed = candidates.slice(0, MAX_LISTED).map(toExplanation);
  const fanOut = wanted.fanOut === null ? null : fanOutOf(candidates);
  return { tally: tallyOf(candidates), listed, notListed: candidates.length - listed.length, fanOut };
}

function judge(
  runner: KnownRunner,
  { facts, id, name, online }: KnownInstance & { readonly facts: InstanceFacts },
  { requirements, fanOut }: Wanted,
): Candidate {
  const answer = explain(facts, requirements);
  const who = { runnerId: runner.id, runner: runner.name, instanceId: id, instance: name, online };
  const preference = preferenceOf(facts, requirements);
  const place = fanOut && fanOutPlace(facts, requirements, fanOut.offline);
  const getsChild = place === null ? null : place === 'child';
  const common = { ...who, preference, priority: runner.priority, getsChild, isSkipped: place === 'skipped' };
  if (answer.eligible) {
    return { ...common, fits: true, rule: null, text: getsChild ? 'It gets a child.' : 'It can take the job now.' };
  }
  const rule = answer.reason === 'other_organization' ? 'other_runner' : answer.reason;
  const text = place === null ? answer.detail : `${IN_A_FAN_OUT[place]}${answer.detail}`;
  return { ...common, fits: fits(facts, requirements).eligible, rule, text };
}

const IN_A_FAN_OUT: Readonly<Record<FanOutPlace, string>> = {
  child: 'It gets a child, which waits for it. ',
  skipped: 'It matches, but it is left out. ',
  no_match: '',
};

/** A record that no process has ever used. What its processes will bring nobody knows, so only pins can be judged. */
function unused(runner: KnownRunner, { requirements, fanOut }: Wanted): Candidate {
  const who = { runnerId: runner.id, runner: runner.name, instanceId: null, instance: null, online: false };
  const getsChild = fanOut === null ? null : false;
  const common = { ...who, preference: 0, priority: runner.priority, fits: false, getsChild, isSkipped: false };
  if (requirements.runner !== null && requirements.runner !== runner.name) {
    return { ...common, rule: 'other_runner', text: `The job is pinned to the runner ${requirements.runner}.` };
  }
  if (runner.disabled) return { ...common, rule: 'runner_disabled', text: 'Its runner is disabled.' };
  return { ...common, rule: 'never_connected', text: 'No process of this runner has ever connected.' };
}

function byUsefulness(a: Candidate, b: Candidate): number {
  const order = (each: Candidate): number => (each.rule === null ? 0 : USEFULNESS[each.rule]);
  return (
    order(a) - order(b) || b.preference - a.preference || b.priority - a.priority || compare(labelOf(a), labelOf(b))
  );
}

/** @param candidates the most useful first */
function tallyOf(candidates: readonly Candidate[]): RunnerTally {
  const byRule = new Map<ExplainRule, number>();
  for (const { rule } of candidates) if (rule !== null) byRule.set(rule, (byRule.get(rule) ?? 0) + 1);
  const fitting = candidates.filter((each) => each.fits);
  const [best] = candidates;
  return {
    known: candidates.length,
    fitting: fitting.filter((each) => each.rule !== 'runner_disabled').length,
    fittingDisabled: fitting.filter((each) => each.rule === 'runner_disabled').length,
    canTakeNow: candidates.filter((each) => each.rule === null).length,
    byRule,
    ready: best !== undefined && best.rule === null ? labelOf(best) : null,
    nearest: best === undefined || best.rule === null ? null : `${labelOf(best)}: ${best.text}`,
  };
}

function fanOutOf(candidates: readonly Candidate[]): SurveyedFanOut {
  const skipped = candidates
    .filter(({ isSkipped }) => isSkipped)
    .map(({ runner, instance }) => `${runner}/${instance}`);
  return { total: candidates.filter(({ getsChild }) => getsChild).length, skipped: skipped.sort(compare) };
}

function labelOf({ runner, instance }: Pick<Candidate, 'runner' | 'instance'>): string {
  return instance === null || instance === runner ? runner : `${runner}/${instance}`;
}

function toExplanation({
  preference: _,
  priority: __,
  fits: ___,
  isSkipped: ____,
  ...explanation
}: Candidate): RunnerExplanation {
  return explanation;
}

/** Not localeCompare: thousands of them would take a second. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
