import type { JobState } from '@dibs/shared';

/*
 * What partial indexes are asked by: `jobs.stage` (migration 0044). It is for those who want all jobs that stand there; who
 * looks a row up by its id asks for its `state`.
 */

/** `waiting` as states say it: who waits to be let in, for its children, or for its turn among these. */
const WAITING = ['waiting', 'fan_out', 'fan_out_turn'] as const;

/** For `stage IN …`: nobody has claimed them yet. */
export const NOT_CLAIMED = /* sql */ `('queued', ${WAITING.map((stage) => `'${stage}'`).join(', ')})`;

/** States for which the index over stages is no help: what runners hold has its own, with never more rows than slots. */
export function heldStates(states: readonly JobState[]): readonly JobState[] {
  return states.filter(isHeld);
}

/** The ranges of the index over stages that the other states are found in. */
export function listedStages(states: readonly JobState[]): readonly string[] {
  return states.filter((state) => !isHeld(state)).flatMap((state) => (state === 'waiting' ? WAITING : [state]));
}

/** Rows of one column `stage`, for LATERAL. */
export const WAITING_STAGES = /* sql */ `(VALUES ${WAITING.map((stage) => `('${stage}')`).join(', ')})`;

/** Expressions of ids that every other one is between. */
export const NO_ID = `'00000000-0000-0000-0000-000000000000'::uuid`;
export const LAST_ID = `'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid`;

/**
 * Jobs `j` of an organization that stand at a stage: one range of the index over stages, said as rows. With a plain
 * `stage = …` the planner may walk through the queue of all organizations instead, or through the organization's jobs from one
 * end, hoping to meet enough of the stage soon. In order: `ORDER BY j.stage, j.id`.
 *
 * @param stage expression, as the others are
 */
export function standAt(stage: string, after = NO_ID, before = LAST_ID): string {
  return /* sql */ `j.stage <> 'held' AND (j.stage, j.id) > (${stage}, ${after}) AND (j.stage, j.id) < (${stage}, ${before})`;
}

/** Job `j` uses up the limit of the concurrency group; a fan-out does so for as long as its children run. */
export function usesUpGroup(key: string): string {
  return /* sql */ `j.concurrency_key = ${key} AND j.stage IN ('queued', 'held', 'fan_out')`;
}

/** The group that must let job `j` in, if its stage is `waiting`; '': only the quota of its organization holds it back. */
export const GROUP_WAITED_FOR = /* sql */ `COALESCE(j.concurrency_key, '')`;

export function waitsForGroup(key: string): string {
  return /* sql */ `${GROUP_WAITED_FOR} = ${key} AND j.stage = 'waiting'`;
}

/** Job `j` waits for a place in its organization alone. */
export const WAITS_FOR_QUOTA = /* sql */ `j.concurrency_key IS NULL AND j.stage = 'waiting'`;

function isHeld(state: JobState): boolean {
  return state === 'claimed' || state === 'running';
}
