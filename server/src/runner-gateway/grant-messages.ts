import type { GrantedJob } from '@dibs/shared';

/** What one message may hold; a single job with a large spec may be more. */
const MAX_MESSAGE_BYTES = 256 * 1024;
/** Names, ids, token and numbers of a job, and of each of its steps and files. */
const JOB_BYTES = 900;
const PART_BYTES = 160;

/** Parts of which each fits into a message. An estimate from below by little: exact sizes would cost a second encoding. */
export function inMessages(jobs: readonly GrantedJob[]): GrantedJob[][] {
  const messages: GrantedJob[][] = [];
  let room = 0;
  for (const job of jobs) {
    const bytes = estimatedBytes(job);
    if (messages.length === 0 || bytes > room) {
      messages.push([]);
      room = MAX_MESSAGE_BYTES;
    }
    messages.at(-1)!.push(job);
    room -= bytes;
  }
  return messages;
}

function estimatedBytes({ spec, secrets }: GrantedJob): number {
  let bytes = JOB_BYTES;
  for (const { name, run } of spec.steps) bytes += PART_BYTES + name.length + run.length;
  for (const { path, content } of spec.files) bytes += PART_BYTES + path.length + content.length;
  for (const entries of [spec.env, spec.requires.labels, spec.requires.prefers, secrets]) {
    for (const key in entries) bytes += PART_BYTES + key.length + entries[key]!.length;
  }
  return bytes;
}
