import { IsIn, IsInt, Max, Min } from 'class-validator';
import { JOB_REASONS, type JobReason } from '../job/job-reason.js';
import { ATTEMPT_OUTCOMES, type AttemptOutcome, type JobFinished } from '../protocol/finished.js';
import { OrNull } from './constraints.js';
import { HeldAttemptMessage } from './held-attempt.message.js';

export class JobFinishedMessage extends HeldAttemptMessage implements JobFinished {
  @IsIn(ATTEMPT_OUTCOMES)
  readonly outcome!: AttemptOutcome;

  @IsIn(Object.keys(JOB_REASONS))
  readonly reason!: JobReason;

  @OrNull()
  @IsInt()
  @Min(-2_147_483_648)
  @Max(2_147_483_647)
  readonly exitCode!: number | null;

  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly lastSeq!: number;

  @IsInt()
  @Min(0)
  @Max(8.64e15)
  readonly atMs!: number;
}
