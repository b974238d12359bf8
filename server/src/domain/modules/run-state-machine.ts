import type { EngineCommand, RunOperation, RunState } from '@dibs/shared';

/**
 * The whole life of a module run as data. Every conditional UPDATE names the state it starts from.
 *
 * A run that plans and then applies holds no slot in between: `awaiting_approval` has no job of its own. `failed` out of
 * there is a plan that is gone.
 */
export const RUN_TRANSITIONS: Readonly<Record<RunState, readonly RunState[]>> = {
  planning: ['awaiting_approval', 'applying', 'succeeded', 'failed', 'canceled'],
  awaiting_approval: ['applying', 'failed', 'canceled', 'rejected', 'expired'],
  applying: ['succeeded', 'failed', 'canceled'],
  working: ['succeeded', 'failed', 'canceled'],
  succeeded: [],
  failed: [],
  canceled: [],
  rejected: [],
  expired: [],
};

/** How a run begins: the state, and the command of its first job. */
export const RUN_BEGINNINGS: Readonly<
  Record<RunOperation, { readonly state: RunState; readonly command: EngineCommand }>
> = {
  validate: { state: 'working', command: 'validate' },
  plan: { state: 'planning', command: 'plan' },
  apply: { state: 'planning', command: 'plan' },
  destroy: { state: 'planning', command: 'plan' },
  outputs: { state: 'working', command: 'outputs' },
  unlock: { state: 'working', command: 'unlock' },
};

export function isRunOver(state: RunState): boolean {
  return RUN_TRANSITIONS[state].length === 0;
}
