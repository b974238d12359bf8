import type { ReadyGrant } from '../dispatch/ready-grant.js';
import type { SpecJson } from '../jobs/spec/spec-json.js';

/** What one message may hold; a single job with a large spec may be more. */
const MAX_MESSAGE_BYTES = 256 * 1024;
/** Ids, token and numbers of a job. */
const JOB_BYTES = 300;
const SECRET_BYTES = 160;

/** Parts of which each fits into a message. An estimate from below by little: exact sizes would cost a second encoding. */
export function inMessages(jobs: readonly ReadyGrant[]): ReadyGrant[][] {
  const messages: ReadyGrant[][] = [];
  let room = 0;
  let before: SpecJson | null = null;
  for (const job of jobs) {
    const bytes = estimatedBytes(job);
    // the spec of the job before it in the same message does not travel again (toGrantsJson)
    const added: number = job.spec === before ? bytes - job.spec.length : bytes;
    if (messages.length === 0 || added > room) {
      messages.push([]);
      room = MAX_MESSAGE_BYTES - bytes;
    } else {
      room -= added;
    }
    messages.at(-1)!.push(job);
    before = job.spec;
  }
  return messages;
}

function estimatedBytes({ spec, secrets }: ReadyGrant): number {
  let bytes = JOB_BYTES + spec.length;
  for (const key in secrets) bytes += SECRET_BYTES + key.length + secrets[key]!.length;
  return bytes;
}
