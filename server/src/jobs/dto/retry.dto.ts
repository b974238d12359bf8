import type { JobReason, RetrySpec } from '@dibs/shared';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { RETRYABLE_REASONS } from '../../domain/job/attempt-reasons.js';
import { IsWholeNumber } from '../../platform/validation-rules.js';
import { JOB_DEFAULTS } from '../spec/fill-job-spec.js';
import { JOB_LIMITS as LIMITS } from '../spec/job-limits.js';
import { problemOfExitCodes, problemOfRetryReasons } from '../spec/retry-rules.js';
import { AsSent } from '../../platform/as-sent.decorator.js';
import { Passes } from './passes.decorator.js';

export class RetryDto implements Partial<RetrySpec> {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: LIMITS.maxAttempts,
    default: JOB_DEFAULTS.retryAttempts,
    description: 'Attempts in all that may end in a failure of the job itself, the first included.',
  })
  @IsOptional()
  @IsWholeNumber(1, LIMITS.maxAttempts)
  maxAttempts?: number;

  @ApiPropertyOptional({
    type: 'array',
    maxItems: LIMITS.retryExitCodes,
    items: { type: 'integer', minimum: 0, maximum: 255 },
    description: 'Exit codes worth another attempt. Without any, and without reasons: every failure of a step.',
  })
  @IsOptional()
  @AsSent()
  @Passes(problemOfExitCodes)
  onExitCodes?: number[];

  @ApiPropertyOptional({
    enum: RETRYABLE_REASONS,
    isArray: true,
    description: 'Reasons worth another attempt, beside the exit codes.',
  })
  @IsOptional()
  @AsSent()
  @Passes(problemOfRetryReasons)
  onReasons?: JobReason[];

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: LIMITS.backoffSeconds,
    default: JOB_DEFAULTS.retryBackoffSeconds,
    description: 'Pause before the second attempt; doubled before each further one, at most an hour.',
  })
  @IsOptional()
  @IsWholeNumber(0, LIMITS.backoffSeconds)
  backoffSeconds?: number;
}
