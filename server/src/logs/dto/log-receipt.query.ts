import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsOptional } from 'class-validator';
import { IsWholeNumber } from '../../platform/validation-rules.js';
import { IsTrueOrFalse } from './is-true-or-false.decorator.js';
import { MAX_ATTEMPT } from './log-range.query.js';

export class LogReceiptQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'Default: the current or last attempt.' })
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(1, MAX_ATTEMPT)
  attempt?: number;

  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description: 'Count the stored lines now, also when they were counted before.',
  })
  @IsTrueOrFalse()
  check: boolean = false;
}
