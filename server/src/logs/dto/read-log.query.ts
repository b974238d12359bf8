import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsOptional } from 'class-validator';
import { IsWholeNumber } from '../../platform/validation-rules.js';
import { LOG_FORMATS, type LogFormat } from '../log-format.js';
import { MAX_PAGE_LINES } from '../logs.service.js';
import { IsTrueOrFalse } from './is-true-or-false.decorator.js';
import { LogRangeQuery, MAX_SEQ } from './log-range.query.js';

export class ReadLogQuery extends LogRangeQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    description: `At most so many lines; json: ${MAX_PAGE_LINES}. With \`before\` and without \`after\`: the last of them.`,
  })
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(1, MAX_SEQ)
  limit?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: `The last so many lines; json: ${MAX_PAGE_LINES}.` })
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(1, MAX_SEQ)
  tail?: number;

  @ApiPropertyOptional({
    enum: LOG_FORMATS,
    description: 'Default: ndjson where the Accept header prefers `application/x-ndjson` to `text/plain`, else text.',
  })
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
  @IsTrueOrFalse()
  follow?: boolean;

  @ApiPropertyOptional({ type: Boolean, default: false, description: 'As a file for browsers to save.' })
  @IsOptional()
  @IsTrueOrFalse()
  download?: boolean;
}
