import { IsInt, Matches, Max, Min } from 'class-validator';
import type { JobId } from '../ids.js';
import type { HeldAttempt } from '../protocol/renew.js';
import { IsId } from './constraints.js';

export class HeldAttemptMessage implements HeldAttempt {
  @IsId()
  readonly jobId!: JobId;

  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  readonly attempt!: number;

  @Matches(/^[A-Za-z0-9_-]{1,128}$/)
  readonly claimToken!: string;
}
