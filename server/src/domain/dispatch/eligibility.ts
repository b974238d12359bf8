import { EXECUTORS } from '@dibs/shared';
import type { LaneRequirements } from './lanes.js';
import { toolRequirementOf, versionOf } from './tool-requirement.js';

/** What is known about one runner instance when somebody asks whether it may take a job. */
export interface InstanceFacts {
  readonly organizationId: string;
  readonly runnerName: string;
  readonly runnerDisabled: boolean;
  readonly assignments: Assignments;
  readonly instanceName: string;
  readonly online: boolean;
  readonly draining: boolean;
  /** Why an operator holds the runner back; null: nobody does. */
  readonly paused: string | null;
  /** It said that it takes nothing for now, although it has slots. */
  readonly stopped?: boolean;
  /** Offers to it run out without an answer. */
  readonly unresponsive: boolean;
  /** All its slots, in use or not. */
  readonly slots: number;
  readonly freeSlots: number;
  /** Version as the tool tells it; null: the tool is there, but its version is unknown. */
  readonly tools: ReadonlyMap<string, string | null>;
  readonly labels: Readonly<Record<string, string>>;
}

/** Which jobs the runner record may be used for. */
export interface Assignments {
  readonly everything: boolean;
  readonly stackIds: ReadonlySet<string>;
  readonly namespaceIds: ReadonlySet<string>;
  readonly moduleIds: ReadonlySet<string>;
}

/** The first rule that says no. */
export type IneligibleReason =
  | 'other_organization'
  | 'executor_missing'
  | 'other_runner'
  | 'other_instance'
  | 'not_assigned'
  | 'slots_too_few'
  | 'tool_missing'
  | 'tool_version'
  | 'label_mismatch'
  | 'runner_disabled'
  | 'offline'
  | 'draining'
  | 'paused'
  | 'stopped'
  | 'unresponsive'
  | 'no_free_slot';

export type Eligibility =
  | { readonly eligible: true }
  | { readonly eligible: false; readonly reason: IneligibleReason; readonly detail: string };

const ELIGIBLE: Eligibility = { eligible: true };

/**
 * Whether the instance fits the job at all, whatever it is doing right now. Depends on facts that stay the same while
 * nobody edits the runner record, so that the answer can be remembered for each lane of a session.
 */
export function fits(instance: InstanceFacts, requirements: LaneRequirements): Eligibility {
  if (instance.organizationId !== requirements.organizationId) {
    return no('other_organization', 'It belongs to another organization.');
  }
  if (!EXECUTORS.includes(requirements.executor)) {
    return no('executor_missing', `It does not offer the executor ${requirements.executor}.`);
  }
  if (requirements.runner !== null && requirements.runner !== instance.runnerName) {
    return no('other_runner', `The job is pinned to the runner ${requirements.runner}.`);
  }
  if (requirements.instance !== null && requirements.instance !== instance.instanceName) {
    return no('other_instance', `The job is pinned to the instance ${requirements.instance}.`);
  }
  return first(
    scopeFits(instance.assignments, requirements),
    () => slotsFit(instance, requirements),
    () => toolsFit(instance, requirements),
    () => labelsFit(instance, requirements),
  );
}

/** Whether the instance could take the job now; otherwise why not, lasting reasons before passing ones. */
export function explain(instance: InstanceFacts, requirements: LaneRequirements): Eligibility {
  return first(fits(instance, requirements), () => available(instance, requirements));
}

/** How many of the preferred labels the instance has: the more, the sooner it is asked. */
export function preferenceOf(instance: Pick<InstanceFacts, 'labels'>, { prefers }: LaneRequirements): number {
  return prefers.filter(([key, value]) => labelOf(instance, key) === value).length;
}

/** A runner that is assigned to parts of the hierarchy only is not there for jobs that deploy something else. */
function scopeFits({ everything, ...assigned }: Assignments, { scope, runner }: LaneRequirements): Eligibility {
  if (everything) return ELIGIBLE;
  if (scope === null) {
    const detail = 'It is assigned to parts of the hierarchy only, and the job names neither a scope nor this runner.';
    return runner === null ? no('not_assigned', detail) : ELIGIBLE;
  }
  const isAssigned =
    assigned.stackIds.has(scope.stackId) ||
    (scope.namespaceId !== null && assigned.namespaceIds.has(scope.namespaceId)) ||
    (scope.moduleId !== null && assigned.moduleIds.has(scope.moduleId));
  return isAssigned
    ? ELIGIBLE
    : no('not_assigned', "Its runner is not assigned to the job's stack, namespace or module.");
}

function slotsFit({ slots }: InstanceFacts, { slots: wanted }: LaneRequirements): Eligibility {
  if (wanted <= slots) return ELIGIBLE;
  return no('slots_too_few', `The job takes ${wanted} slots, and it has ${slots} in all.`);
}

function toolsFit({ tools }: InstanceFacts, requirements: LaneRequirements): Eligibility {
  for (const text of requirements.tools) {
    const wanted = toolRequirementOf(text);
    if (wanted === null) return no('tool_missing', `${text} is not the name of a tool, nor a name and a range.`);
    const { name, range } = wanted;
    const told = tools.get(name);
    if (told === undefined) return no('tool_missing', `It does not have the tool ${name}.`);
    if (range === null) continue;
    const version = told === null ? null : versionOf(told);
    if (version === null) return no('tool_version', `The version of its ${name} is unknown, and ${range} is required.`);
    if (!wanted.admits(version)) return no('tool_version', `Its ${name} is ${version}, and ${range} is required.`);
  }
  return ELIGIBLE;
}

function labelsFit(instance: InstanceFacts, requirements: LaneRequirements): Eligibility {
  for (const [key, wanted] of requirements.labels) {
    const has = labelOf(instance, key);
    if (has === wanted) continue;
    const detail = has === undefined ? `It has no label ${key}.` : `Its label ${key} is ${has}, not ${wanted}.`;
    return no('label_mismatch', detail);
  }
  return ELIGIBLE;
}

function available(instance: InstanceFacts, { slots }: LaneRequirements): Eligibility {
  const { freeSlots } = instance;
  if (instance.runnerDisabled) return no('runner_disabled', 'Its runner is disabled.');
  if (!instance.online) return no('offline', 'It is offline.');
  if (instance.draining) return no('draining', 'It is draining: it finishes its jobs and takes no more.');
  if (instance.paused !== null) return no('paused', `Its runner is paused: ${instance.paused}`);
  if (instance.stopped) return no('stopped', 'It says that it takes nothing for now; its disk may be short.');
  if (instance.unresponsive) return no('unresponsive', 'It is connected, but it does not answer offers.');
  if (freeSlots <= 0) return no('no_free_slot', 'All its slots are in use.');
  if (freeSlots < slots) return no('no_free_slot', `The job takes ${slots} slots, and only ${freeSlots} are free.`);
  return ELIGIBLE;
}

/** What every object inherits is no label. */
function labelOf({ labels }: Pick<InstanceFacts, 'labels'>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** The first answer that is no; the later rules are not even asked. */
function first(answer: Eligibility, ...later: readonly (() => Eligibility)[]): Eligibility {
  for (const rule of later) {
    if (!answer.eligible) return answer;
    answer = rule();
  }
  return answer;
}

function no(reason: IneligibleReason, detail: string): Eligibility {
  return { eligible: false, reason, detail };
}
