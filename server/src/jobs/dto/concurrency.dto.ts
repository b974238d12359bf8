import type { Supersede } from '@dibs/shared';
import { SUPERSEDE } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { IsWholeNumber } from '../../platform/validation-rules.js';
import { JOB_LIMITS as LIMITS } from '../spec/job-limits.js';
import { problemOfLine } from '../spec/safe-text.js';
import { Passes, text } from './passes.decorator.js';

const key = text(problemOfLine, LIMITS.concurrencyKeyLength);

export class ConcurrencyDto {
  @ApiProperty({
    minLength: 1,
    maxLength: LIMITS.concurrencyKeyLength,
    description: 'Name of the group. Jobs of the organization with the same key share it.',
  })
  @Passes(key)
  key!: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: LIMITS.concurrencyLimit,
    default: 1,
    description: 'Jobs of the group that may be queued, claimed or running at a time. The oldest waiting job decides.',
  })
  @IsOptional()
  @IsWholeNumber(1, LIMITS.concurrencyLimit)
  limit?: number;

  @ApiPropertyOptional({
    enum: SUPERSEDE,
    default: 'none',
    description: 'What this job does to older ones of the group: nothing, cancel those not started, cancel all.',
  })
  @IsOptional()
  @IsIn(SUPERSEDE, { message: `$property must be one of: ${SUPERSEDE.join(', ')}` })
  supersede?: Supersede;
}
