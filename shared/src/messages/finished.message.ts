import { JOB_REASONS } from '../job/job-reason.js';
import { ATTEMPT_OUTCOMES, type JobFinished, type JobsFinished, type StepLogCount } from '../protocol/finished.js';
import { MESSAGE_LIMITS } from './constraints.js';
import { isCommit, isEngineResult, isSha256 } from './engine-result.rules.js';
import { HELD_ATTEMPT_RULES, isExitCode, isIntegerFrom, isMoment, isOneOf } from './item-rules.js';
import { ListOfPlain, isListOf, type ItemRules } from './plain-list.js';

const isCount = (value: unknown): boolean => isIntegerFrom(value, 0, Number.MAX_SAFE_INTEGER);

const LOG_COUNT_RULES: ItemRules<StepLogCount> = {
  step: (value) => isIntegerFrom(value, -1, MESSAGE_LIMITS.lastStep),
  lines: isCount,
  bytes: isCount,
  sha256: isSha256,
};

const RESULT_RULES: ItemRules<JobFinished> = {
  ...HELD_ATTEMPT_RULES,
  outcome: isOneOf(ATTEMPT_OUTCOMES),
  reason: isOneOf(Object.keys(JOB_REASONS)),
  exitCode: isExitCode,
  lastSeq: isCount,
  atMs: isMoment,
  log: isListOf(LOG_COUNT_RULES, { min: 0, max: MESSAGE_LIMITS.lastStep + 2, unique: ['step'] }),
  commit: isCommit,
  engine: isEngineResult,
};

export class JobsFinishedMessage implements JobsFinished {
  @ListOfPlain(RESULT_RULES, { min: 1, max: MESSAGE_LIMITS.results, optional: ['log', 'commit', 'engine'] })
  readonly results!: JobFinished[];
}
