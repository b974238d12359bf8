import type { Sighting } from './fake-worker.js';

/** I3: one claimId is one attempt; and one attempt is given to one claim only (I1). */
export function claimViolations(claims: readonly Sighting['claims'][number][]): string[] {
  const claimOf = new Map<string, string>();
  const attemptOf = new Map<string, string>();
  const found: string[] = [];
  for (const { claimId, job, attempt } of claims) {
    const granted = `${job}/${attempt}`;
    const owner = claimOf.get(granted) ?? claimId;
    const earlier = attemptOf.get(claimId) ?? granted;
    if (owner !== claimId) found.push(`I1: attempt ${attempt} of job ${job} was granted to two claims`);
    if (earlier !== granted)
      found.push(`I3: claim ${claimId} was answered with the attempts ${earlier} and ${granted}`);
    claimOf.set(granted, owner);
    attemptOf.set(claimId, granted);
  }
  return found;
}
