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
  // field by field: to take the rest of an object takes longer than to write it as JSON
  const grant: Omit<ReadyGrant, 'spec'> = { jobId, attempt, claimToken, secrets, startedStep };
  return `${JSON.stringify(grant).slice(0, -1)},"spec":${spec}}`;
}
