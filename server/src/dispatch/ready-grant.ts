import type { GrantedJob } from '@dibs/shared';
import { parseSpecJson, type SpecJson } from '../jobs/spec/spec-json.js';

/** A grant as it goes to its runner. */
export type ReadyGrant = Omit<GrantedJob, 'spec'> & { readonly spec: SpecJson };

/** For a reply, which is no text yet. */
export function toGrantedJob({ spec, ...grant }: ReadyGrant): GrantedJob {
  return { ...grant, spec: parseSpecJson(spec) };
}

/** The text of a `GrantedJob`. */
export function toGrantedJson({ jobId, attempt, claimToken, secrets, startedStep, spec }: ReadyGrant): string {
  // by hand, for each of thousands a second; ids and tokens are made here and have nothing to escape
  const attemptOfJob = `"jobId":"${jobId}","attempt":${attempt},"claimToken":"${claimToken}","startedStep":${startedStep}`;
  return `{${attemptOfJob},"secrets":${JSON.stringify(secrets)},"spec":${spec}}`;
}
