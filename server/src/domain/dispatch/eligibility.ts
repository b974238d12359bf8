import type { LaneRequirements } from './lanes.js';

/** What is known about one runner instance when somebody asks whether it may take a job. */
export interface InstanceFacts {
  readonly organizationId: string;
  readonly runnerName: string;
  readonly runnerDisabled: boolean;
  readonly instanceName: string;
  readonly online: boolean;
  readonly draining: boolean;
  readonly freeSlots: number;
  readonly tools: ReadonlySet<string>;
  readonly labels: Readonly<Record<string, string>>;
}

/** The first rule that says no. */
export type IneligibleReason =
  | 'other_organization'
  | 'executor_missing'
  | 'other_runner'
  | 'other_instance'
  | 'tool_missing'
  | 'label_mismatch'
  | 'runner_disabled'
  | 'offline'
  | 'draining'
  | 'no_free_slot';

export type Eligibility =
  | { readonly eligible: true }
  | { readonly eligible: false; readonly reason: IneligibleReason; readonly detail: string };

const ELIGIBLE: Eligibility = { eligible: true };
const EXECUTORS: readonly LaneRequirements['executor'][] = ['shell'];

/**
 * Whether the instance fits the job at all, whatever it is doing right now. Depends on facts that stay the same for
 * a whole session, so that the answer can be remembered for each lane.
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
  const missing = requirements.tools.find((tool) => !instance.tools.has(tool));
  if (missing !== undefined) return no('tool_missing', `It does not have the tool ${missing}.`);
  return labelsFit(instance, requirements);
}

/** Whether the instance could take the job now; otherwise why not. */
export function explain(instance: InstanceFacts, requirements: LaneRequirements): Eligibility {
  const fit = fits(instance, requirements);
  return fit.eligible ? available(instance) : fit;
}

function labelsFit(instance: InstanceFacts, requirements: LaneRequirements): Eligibility {
  for (const [key, wanted] of requirements.labels) {
    const has = Object.hasOwn(instance.labels, key) ? instance.labels[key] : undefined;
    if (has === wanted) continue;
    const detail = has === undefined ? `It has no label ${key}.` : `Its label ${key} is ${has}, not ${wanted}.`;
    return no('label_mismatch', detail);
  }
  return ELIGIBLE;
}

function available(instance: InstanceFacts): Eligibility {
  if (instance.runnerDisabled) return no('runner_disabled', 'Its runner is disabled.');
  if (!instance.online) return no('offline', 'It is offline.');
  if (instance.draining) return no('draining', 'It is draining: it finishes its jobs and takes no more.');
  if (instance.freeSlots <= 0) return no('no_free_slot', 'All its slots are in use.');
  return ELIGIBLE;
}

function no(reason: IneligibleReason, detail: string): Eligibility {
  return { eligible: false, reason, detail };
}
