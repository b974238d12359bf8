import type { EngineResult, PlanSummary, StateLock } from '../job/engine-spec.js';
import { isIntegerFrom } from './item-rules.js';
import { isPlain, type ItemRules } from './plain-list.js';

const SHA256 = /^[0-9a-f]{64}$/;
/** SHA-1 or SHA-256, as git writes them. */
const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const MAX_TEXT_LENGTH = 512;

const isCount = (value: unknown): boolean => isIntegerFrom(value, 0, Number.MAX_SAFE_INTEGER);
const isText = (value: unknown): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT_LENGTH && !value.includes('\0');
const isNull = (value: unknown): boolean => value === null;

const isPlan = isPlain<PlanSummary>({
  add: isCount,
  change: isCount,
  destroy: isCount,
  hasChanges: (value) => typeof value === 'boolean',
  sha256: isSha256,
});
const isReleased = isPlain<Extract<StateLock, { state: 'released' }>>({ state: (value) => value === 'released' });
const isHeld = isPlain<Extract<StateLock, { state: 'held' }>>({
  state: (value) => value === 'held',
  id: isText,
  who: (value) => isNull(value) || isText(value),
});
const RULES: ItemRules<EngineResult> = {
  plan: (value) => isNull(value) || isPlan(value),
  stateLock: (value) => isNull(value) || isReleased(value) || isHeld(value),
};

export const isEngineResult = isPlain(RULES);

export function isCommit(value: unknown): boolean {
  return typeof value === 'string' && COMMIT.test(value);
}

export function isSha256(value: unknown): boolean {
  return typeof value === 'string' && SHA256.test(value);
}
