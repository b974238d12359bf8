import { isRecord } from './environment.js';
import { JOB_LIMITS } from './job-limits.js';

export const FAN_OUT_OFFLINE = ['skip', 'wait'] as const;

/** @returns what is wrong with `fanOut`, as a half sentence; null: nothing */
export function problemOfFanOut(value: unknown): string | null {
  if (typeof value === 'boolean') return null;
  if (!isRecord(value)) return 'must be true, or an object with batchSize and offline';
  const unknown = Object.keys(value).find((name) => name !== 'batchSize' && name !== 'offline');
  // the name came from outside: shown as JSON, cut, so that it cannot break the message
  if (unknown !== undefined) return `may have batchSize and offline, but not ${JSON.stringify(unknown.slice(0, 64))}`;
  const { batchSize = null, offline = null } = value;
  if (batchSize !== null && !isBatchSize(batchSize)) {
    return `must have a whole number from 1 to ${JOB_LIMITS.fanOutBatch} as batchSize, or none for all at once`;
  }
  if (offline !== null && !(FAN_OUT_OFFLINE as readonly unknown[]).includes(offline)) {
    return `must have one of ${FAN_OUT_OFFLINE.join(', ')} as offline`;
  }
  return null;
}

function isBatchSize(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= JOB_LIMITS.fanOutBatch;
}
