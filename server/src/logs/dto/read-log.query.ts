import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { LOG_FORMATS, type LogFormat } from '../log-format.js';
import { MAX_PAGE_LINES } from '../logs.service.js';
import { IsWholeNumber } from '../../platform/validation-rules.js';

const MAX_SEQ = Number.MAX_SAFE_INTEGER - 1;
const MAX_ATTEMPT = 2_147_483_647;

export class ReadLogQuery {
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

  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: `At most so many lines; json: ${MAX_PAGE_LINES}.` })
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(1, MAX_SEQ)
  limit?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: `The last so many lines; json: ${MAX_PAGE_LINES}.` })
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(1, MAX_SEQ)
  tail?: number;

  @ApiPropertyOptional({ enum: LOG_FORMATS, default: 'text' })
  @IsOptional()
  @IsIn(LOG_FORMATS, { message: `$property must be one of: ${LOG_FORMATS.join(', ')}` })
  format?: LogFormat;

  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description:
      'Stay until the job is terminal and its log complete; goes on with the next attempt unless one is named.',
  })
  @IsOptional()
  @Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : (value as unknown)))
  @IsBoolean({ message: '$property must be true or false' })
  follow?: boolean;
}
