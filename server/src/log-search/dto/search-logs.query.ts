import type { JobState } from '@dibs/shared';
import { JOB_STATES, MAX_NEEDLE_LENGTH } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsIn, IsOptional, IsString, IsUUID, Matches, MaxLength } from 'class-validator';
import { Passes, text } from '../../jobs/dto/passes.decorator.js';
import { JOB_LIMITS } from '../../jobs/spec/job-limits.js';
import { problemOfLine } from '../../jobs/spec/safe-text.js';
import { IsTrueOrFalse } from '../../logs/dto/is-true-or-false.decorator.js';
import { IsMoment, IsWholeNumber } from '../../platform/validation-rules.js';

const MAX_JOBS = 50;
const MAX_LINES = 20;
const filterText = text(problemOfLine, JOB_LIMITS.nameLength);

export class SearchLogsQuery {
  @ApiProperty({
    minLength: 1,
    maxLength: MAX_NEEDLE_LENGTH,
    description:
      'Text to find, as a terminal would show it: colours do not part it. Not a regular expression. With less than three ' +
      'characters every log is read.',
    example: 'connection refused',
  })
  @Matches(new RegExp(`^[^\\n]{1,${MAX_NEEDLE_LENGTH}}$`, 'u'), {
    message: `$property must be a text of 1 to ${MAX_NEEDLE_LENGTH} characters on one line`,
  })
  q!: string;

  @ApiPropertyOptional({ type: Boolean, default: false })
  @IsTrueOrFalse()
  caseSensitive: boolean = false;

  @ApiPropertyOptional({ enum: JOB_STATES, isArray: true, description: 'May be repeated or separated by commas.' })
  @IsOptional()
  @Transform(({ value }) => [value as string | string[]].flat().flatMap((each) => String(each).split(',')))
  @ArrayMaxSize(JOB_STATES.length)
  @IsIn(JOB_STATES, { each: true, message: `$property must be one of: ${JOB_STATES.join(', ')}` })
  state?: JobState[];

  @ApiPropertyOptional({ description: 'Name of the runner that holds or held the attempt.' })
  @IsOptional()
  @Passes(filterText)
  runner?: string;

  @ApiPropertyOptional({ description: "Part of the job's name." })
  @IsOptional()
  @Passes(filterText)
  job?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Only jobs of this stack, namespace or module.' })
  @IsOptional()
  @IsUUID()
  scope?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Only jobs submitted at this moment or later.' })
  @IsOptional()
  @IsMoment()
  from?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Only jobs submitted before this moment.' })
  @IsOptional()
  @IsMoment()
  to?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_JOBS, default: 20, description: 'Jobs per page.' })
  @Type(() => Number)
  @IsWholeNumber(1, MAX_JOBS)
  limit: number = 20;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_LINES, default: 5, description: 'Lines per job.' })
  @Type(() => Number)
  @IsWholeNumber(1, MAX_LINES)
  lines: number = 5;

  @ApiPropertyOptional({ description: '`nextCursor` of the page before, beside the same filters' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}
