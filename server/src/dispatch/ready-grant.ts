import type { GrantedJob, JobsGranted } from '@dibs/shared';
import type { SpecJson } from '../jobs/spec/spec-json.js';

/** A grant as it goes to its runner. */
export type ReadyGrant = Omit<GrantedJob, 'spec'> & { readonly spec: SpecJson };

/** The text of `JobsGranted`. */
export function toGrantsJson(grants: readonly ReadyGrant[]): string {
  let before: SpecJson | null = null;
  const jobs = grants.map(({ jobId, attempt, claimToken, startedStep, secrets, spec }) => {
    const ownSpec = spec === before ? '' : `,"spec":${spec}`;
    before = spec;
    // by hand, for thousands a second; ids and tokens are made here and have nothing to escape
    const ids = `"jobId":"${jobId}","attempt":${attempt},"claimToken":"${claimToken}","startedStep":${startedStep}`;
    return `{${ids},"secrets":${JSON.stringify(secrets)}${ownSpec}}`;
  });
  return `{"jobs":[${jobs.join(',')}]}`;
}

/** For a reply, which is no text yet. */
export function toGrants(grants: readonly ReadyGrant[]): JobsGranted {
  return JSON.parse(toGrantsJson(grants)) as JobsGranted;
}
