import type { PlannedAction, Schedule } from './schedule.js';

/**
 * A smaller schedule that still fails: leaves out halves of its actions, then quarters, down to single ones, and keeps
 * what fails without them. A race may stay away in one play, so it need not be the smallest; it does fail, or did once.
 *
 * @param fails plays it; asked `maxTries` times at most
 */
export async function shrink(
  schedule: Schedule,
  fails: (smaller: Schedule) => Promise<boolean>,
  maxTries: number,
): Promise<Schedule> {
  let actions: readonly PlannedAction[] = schedule.actions;
  let tries = 0;
  for (let size = Math.ceil(actions.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < actions.length && tries < maxTries; tries += 1) {
      const fewer = [...actions.slice(0, from), ...actions.slice(from + size)];
      if (await fails({ ...schedule, actions: fewer })) actions = fewer;
      else from += size;
    }
  }
  return { ...schedule, actions };
}

/** The rules that are broken: `I2`, `L1/L2`, `pause`. A schedule that fails for another reason is another failure. */
export function rulesIn(violations: readonly string[]): Set<string> {
  return new Set(
    violations.map(
      (violation) => /(?:\b[IL]\d+(?:\/[IL]?\d+)*|^(?:pause|fan-out))(?=:)/.exec(violation)?.[0] ?? 'other',
    ),
  );
}
