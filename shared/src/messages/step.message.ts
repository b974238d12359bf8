import { IsIn, IsInt, Matches, Max, Min } from 'class-validator';
import type { StepFinished, StepStarted } from '../protocol/step.js';
import { OrNull } from './constraints.js';
import { HeldAttemptMessage } from './held-attempt.message.js';

/** The last moment a JavaScript Date can name. */
const MAX_DATE_MS = 8.64e15;
const FINISHED_STEP_STATES = ['succeeded', 'failed', 'canceled', 'timed_out', 'skipped'] as const;

export class StepStartedMessage extends HeldAttemptMessage implements StepStarted {
  @IsInt()
  @Min(0)
  @Max(9_999)
  readonly step!: number;

  @IsInt()
  @Min(0)
  @Max(MAX_DATE_MS)
  readonly atMs!: number;
}

export class StepFinishedMessage extends StepStartedMessage implements StepFinished {
  @IsIn(FINISHED_STEP_STATES)
  readonly state!: StepFinished['state'];

  @OrNull()
  @IsInt()
  @Min(-2_147_483_648)
  @Max(2_147_483_647)
  readonly exitCode!: number | null;

  @OrNull()
  @Matches(/^SIG[A-Z0-9+-]{1,20}$/)
  readonly signal!: string | null;
}
