import type { LaneStanding } from '@dibs/shared';
import { explain, fits, type IneligibleReason, type InstanceFacts } from '../domain/dispatch/eligibility.js';
import type { LaneRequirements } from '../domain/dispatch/lanes.js';

export interface JudgedLane {
  readonly standing: LaneStanding;
  /** In one plain sentence. */
  readonly text: string;
}

/** What becomes of the queued jobs of a lane, by what is known of the instances at this moment. */
export function standingOf(
  requirements: LaneRequirements,
  instances: readonly InstanceFacts[],
  heldBy: string | null,
): JudgedLane {
  if (heldBy !== null) return { standing: 'paused', text: heldBy };
  let [fitting, ready] = [0, 0];
  const why = new Map<IneligibleReason, number>();
  for (const instance of instances) {
    if (!fits(instance, requirements).eligible) continue;
    fitting += 1;
    const answer = explain(instance, requirements);
    if (answer.eligible) ready += 1;
    else why.set(answer.reason, (why.get(answer.reason) ?? 0) + 1);
  }
  if (ready > 0) return { standing: 'served', text: `${people(ready)} can take the next one now.` };
  const busy = why.get('no_free_slot') ?? 0;
  if (busy > 0) {
    const all = busy === 1 ? 'The runner that could take it has' : `The ${busy} runners that could take it have`;
    return { standing: 'busy', text: `${all} no free slot.` };
  }
  // a record that is disabled is as good as none until somebody enables it
  if (fitting - (why.get('runner_disabled') ?? 0) === 0) {
    const disabled = fitting === 0 ? '' : ' Those that fit are disabled.';
    return { standing: 'no_runner_matches', text: `No known runner could ever take such jobs.${disabled}` };
  }
  return { standing: 'no_runner_online', text: `Of the runners that fit none can take one: ${reasons(why)}.` };
}

const WORDS: Partial<Record<IneligibleReason, string>> = {
  offline: 'offline',
  draining: 'draining',
  paused: 'paused',
  stopped: 'taking nothing for now',
  unresponsive: 'not answering',
  runner_disabled: 'disabled',
};

function reasons(why: ReadonlyMap<IneligibleReason, number>): string {
  return [...why].map(([reason, count]) => `${count} ${WORDS[reason] ?? reason}`).join(', ');
}

function people(count: number): string {
  return count === 1 ? 'One runner' : `${count} runners`;
}
