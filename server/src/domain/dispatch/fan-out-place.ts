import type { FanOutSpec } from '@dibs/shared';
import { fits, type InstanceFacts } from './eligibility.js';
import type { LaneRequirements } from './lanes.js';

/** What a fan-out does with an instance. `skipped`: it matches, but is not there now, and the job skips such ones. */
export type FanOutPlace = 'child' | 'skipped' | 'no_match';

/**
 * Whether the instance gets a child. Only what lasts decides, and whether it is there: one that is busy or paused gets
 * its child too, which waits for it.
 */
export function fanOutPlace(
  instance: InstanceFacts,
  requirements: LaneRequirements,
  offline: FanOutSpec['offline'],
): FanOutPlace {
  if (instance.runnerDisabled || !fits(instance, requirements).eligible) return 'no_match';
  const isThere = instance.online && !instance.draining;
  return isThere || offline === 'wait' ? 'child' : 'skipped';
}
