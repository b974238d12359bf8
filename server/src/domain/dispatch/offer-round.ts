/**
 * How many instances hear of a job, and when more of them do. One offer answered by 100 idle clients costs the server
 * 2 ms of CPU, by 1,000 clients 23 ms; so the first round is small, and rounds double while nobody claims. Sizes and
 * waits double together: the offers of a job grow with the time it waits, never with the number of runners.
 */

/** With this few idle instances all of them hear of the job at once: a true broadcast. */
export const FIRST_ROUND_SIZE = 4;
const FIRST_ROUND_MS = 10;
/** The ninth round would begin after 2.5 s; by then 512 instances were asked, and the job starts over. */
export const ROUNDS = 8;

/**
 * Size of the first round. While jobs outnumber idle instances there is nothing to gain from a race, and every loser
 * is a wasted exchange: each job is then offered to one instance and each instance hears of another job.
 *
 * @param idleInstances eligible instances with a slot that nothing is offered for
 * @param waitingJobs jobs of the lane that nobody is offered
 */
export function firstRoundSize(idleInstances: number, waitingJobs: number): number {
  return clamp(Math.floor(idleInstances / Math.max(1, waitingJobs)), 1, FIRST_ROUND_SIZE);
}

/** @param round 1: the round after the first */
export function wideningSize(round: number): number {
  return FIRST_ROUND_SIZE * 2 ** (round - 1);
}

/** How long a round waits for a claim before the next begins. @param round 0: the first round */
export function roundMs(round: number): number {
  return FIRST_ROUND_MS * 2 ** round;
}

export interface Load {
  /** Used and offered slots as a share of all, 0 to 1. */
  readonly load: number;
  /** Offers in a row that ran out without an answer. */
  readonly unanswered: number;
}

/**
 * The best `size` of a random sample twice as large ("power of two choices"): nearly as even as sorting everybody,
 * at a cost that does not depend on how many there are. Those who let offers run out come last; whom the job prefers
 * goes before who has less to do.
 */
export function leastLoaded<Candidate extends Load>(
  sample: readonly Candidate[],
  size: number,
  scoreOf: (candidate: Candidate) => number = () => 0,
): Candidate[] {
  if (sample.length <= size) return [...sample];
  const order = (a: Candidate, b: Candidate): number =>
    a.unanswered - b.unanswered || scoreOf(b) - scoreOf(a) || a.load - b.load;
  return [...sample].sort(order).slice(0, size);
}

export function sampleSize(size: number): number {
  return size * 2;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
