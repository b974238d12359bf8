import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsOptional } from 'class-validator';
import { IsWholeNumber } from '../../platform/validation-rules.js';

export const MAX_SEQ = Number.MAX_SAFE_INTEGER - 1;
export const MAX_ATTEMPT = 2_147_483_647;
const MAX_STEP = 999;

/** Which part of which attempt's log. */
export class LogRangeQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'Only lines after this number.' })
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(0, MAX_SEQ)
  after?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'Only lines before this number.' })
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(1, MAX_SEQ)
  before?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'Default: the current or last attempt.' })
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(1, MAX_ATTEMPT)
  attempt?: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: -1,
    maximum: MAX_STEP,
    description: "Only lines of this step, counted from 0; -1: of the runner's preparation.",
  })
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(-1, MAX_STEP)
  step?: number;
}
