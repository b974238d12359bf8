import { MAX_NEEDLE_LENGTH } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { Matches } from 'class-validator';
import { IsWholeNumber } from '../../platform/validation-rules.js';
import { IsTrueOrFalse } from './is-true-or-false.decorator.js';
import { LogRangeQuery, MAX_SEQ } from './log-range.query.js';

const MAX_HITS = 500;
const MAX_CONTEXT_LINES = 20;

export class SearchLogQuery extends LogRangeQuery {
  @ApiProperty({
    minLength: 1,
    maxLength: MAX_NEEDLE_LENGTH,
    description: 'Text to find, as a terminal would show it: colours do not part it. Not a regular expression.',
    example: 'error',
  })
  @Matches(new RegExp(`^[^\\n]{1,${MAX_NEEDLE_LENGTH}}$`, 'u'), {
    message: `$property must be a text of 1 to ${MAX_NEEDLE_LENGTH} characters on one line`,
  })
  q!: string;

  @ApiPropertyOptional({ type: Boolean, default: false })
  @IsTrueOrFalse()
  caseSensitive: boolean = false;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    default: 0,
    description:
      'Hits to pass over: `nextOffset` of the page before. Hits keep their places, because a log only grows.',
  })
  @Type(() => Number)
  @IsWholeNumber(0, MAX_SEQ)
  offset: number = 0;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_HITS, default: 100, description: 'Hits per page.' })
  @Type(() => Number)
  @IsWholeNumber(1, MAX_HITS)
  limit: number = 100;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MAX_CONTEXT_LINES,
    default: 2,
    description: 'Lines above and below each hit.',
  })
  @Type(() => Number)
  @IsWholeNumber(0, MAX_CONTEXT_LINES)
  context: number = 2;
}
