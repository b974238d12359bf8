import type { JobId } from '@dibs/shared';
import { timeOfId } from '../../domain/logs/id-time.js';
import { weekOfId } from '../../domain/logs/log-partitions.js';
import type { Statement } from '../../database/database.js';

/** Statements about logs of so long ago are not kept prepared: each week has its own, on each connection. */
const PREPARED_WITHIN_MS = 28 * 86_400_000;

/**
 * A statement that reads the log chunks of one job (`$1`) and touches no partition but that job's.
 *
 * Plans are made once (`force_generic_plan`), when the job is not known: `job_id = $1` alone finds its partition only
 * while it is executed, and locks all of them every time. A constant span of ids, here that of a week, is
 * known when the plan is made. With 520 partitions it is 140 µs instead of 800.
 *
 * @param name of the prepared statement; the week is added to it
 * @param text given the condition that belongs beside each `job_id = $1`
 */
export function weekStatement(name: string, text: (isInWeek: string) => string): (jobId: JobId) => Statement {
  return (jobId) => {
    const [first, last] = weekOfId(jobId);
    const isRecent = Math.abs(Date.now() - timeOfId(jobId)) < PREPARED_WITHIN_MS;
    return {
      name: isRecent ? `${name}.${first.slice(0, 13)}` : '',
      text: text(`job_id BETWEEN '${first}' AND '${last}'`),
    };
  };
}
