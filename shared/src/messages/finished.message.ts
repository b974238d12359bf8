import { JOB_REASONS } from '../job/job-reason.js';
import { ATTEMPT_OUTCOMES, type JobFinished, type JobsFinished } from '../protocol/finished.js';
import { MESSAGE_LIMITS } from './constraints.js';
import { HELD_ATTEMPT_RULES, isExitCode, isIntegerFrom, isMoment, isOneOf } from './item-rules.js';
import { ListOfPlain, type ItemRules } from './plain-list.js';

const RESULT_RULES: ItemRules<JobFinished> = {
  ...HELD_ATTEMPT_RULES,
  outcome: isOneOf(ATTEMPT_OUTCOMES),
  reason: isOneOf(Object.keys(JOB_REASONS)),
  exitCode: isExitCode,
  lastSeq: (value) => isIntegerFrom(value, 0, Number.MAX_SAFE_INTEGER),
  atMs: isMoment,
};

export class JobsFinishedMessage implements JobsFinished {
  @ListOfPlain(RESULT_RULES, { min: 1, max: MESSAGE_LIMITS.results })
  readonly results!: JobFinished[];
}
