import { RETRYABLE_REASONS } from '../../domain/job/attempt-reasons.js';
import { JOB_LIMITS } from './job-limits.js';

const MAX_EXIT_CODE = 255;

/** @returns what is wrong with `retry.onExitCodes`, as a half sentence; null: nothing */
export function problemOfExitCodes(value: unknown): string | null {
  const { retryExitCodes } = JOB_LIMITS;
  if (!Array.isArray(value) || value.length > retryExitCodes) {
    return `must be an array of at most ${retryExitCodes} exit codes`;
  }
  const wrong = value.some(
    (code) => !Number.isInteger(code) || (code as number) < 0 || (code as number) > MAX_EXIT_CODE,
  );
  return wrong ? `must hold whole numbers from 0 to ${MAX_EXIT_CODE}` : null;
}

/** @returns what is wrong with `retry.onReasons`, as a half sentence; null: nothing */
export function problemOfRetryReasons(value: unknown): string | null {
  const known: readonly unknown[] = RETRYABLE_REASONS;
  if (Array.isArray(value) && value.length <= known.length && value.every((reason) => known.includes(reason))) {
    return null;
  }
  return `must be an array of reasons among: ${RETRYABLE_REASONS.join(', ')}`;
}
