import type { BulkOutcome, JobSummary } from '@dibs/shared';
import { AppError } from '../platform/errors.js';

/** Each is a transaction with a connection of its own: the rest of the pool is for everybody else. */
const AT_A_TIME = 4;

/** In the order of the ids. Where the database went away in between, those that were left say so. */
export async function outcomesOf(
  ids: readonly string[],
  work: (id: string) => Promise<JobSummary>,
): Promise<BulkOutcome[]> {
  const outcomes: BulkOutcome[] = [];
  const rest = ids.entries();
  const worker = async (): Promise<void> => {
    for (const [index, id] of rest) outcomes[index] = await outcomeOf(id, work);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return outcomes;
}

async function outcomeOf(id: string, work: (id: string) => Promise<JobSummary>): Promise<BulkOutcome> {
  try {
    return { id, ok: true, job: await work(id) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { status, code, detail } = error;
    return { id, ok: false, status, code, detail };
  }
}
