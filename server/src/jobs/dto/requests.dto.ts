import type { CancelJobBody, CancelJobsBody, CancelMode, JobState } from '@dibs/shared';
import { CANCEL_MODES, JOB_STATES } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsOptional,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { MAX_PAGE_LIMIT, PageQuery } from '../../platform/page.js';
import { JOB_LIMITS } from '../spec/job-limits.js';
import { problemOfLine } from '../spec/safe-text.js';
import { Passes, text } from './passes.decorator.js';
import { SubmitJobDto } from './submit-job.dto.js';
import { IsListOf, IsMoment, IsWholeNumber } from '../../platform/validation-rules.js';

export const MAX_WAIT_SECONDS = 60;
const filterText = text(problemOfLine, JOB_LIMITS.nameLength);

export class WaitQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_WAIT_SECONDS,
    description: 'Hold the answer until the job is terminal, at most so many seconds.',
  })
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(1, MAX_WAIT_SECONDS)
  wait?: number;
}

export class ListJobsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: JOB_STATES, isArray: true, description: 'May be repeated or separated by commas.' })
  @IsOptional()
  @Transform(({ value }) => [value as string | string[]].flat().flatMap((each) => String(each).split(',')))
  @ArrayMaxSize(JOB_STATES.length)
  @IsIn(JOB_STATES, { each: true, message: `$property must be one of: ${JOB_STATES.join(', ')}` })
  state?: JobState[];

  @ApiPropertyOptional({ description: 'Name of the runner that holds or held the job, or that it is pinned to.' })
  @IsOptional()
  @Passes(filterText)
  runner?: string;

  @ApiPropertyOptional({ description: "Part of the job's name, or its id." })
  @IsOptional()
  @Passes(filterText)
  q?: string;

  @ApiPropertyOptional({
    description:
      'Id of the module that the job is of, or its path as in `prod/network/vpc`; `prod/network` and `prod` are all inside of them.',
  })
  @IsOptional()
  @Passes(text(problemOfLine, 3 * JOB_LIMITS.nameLength))
  module?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Submitted at this moment or later.' })
  @IsOptional()
  @IsMoment()
  from?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Submitted before this moment.' })
  @IsOptional()
  @IsMoment()
  to?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Only the children of this fan-out job.' })
  @IsOptional()
  @IsUUID()
  parent?: string;
}

const cancelMode = {
  enum: CANCEL_MODES,
  default: 'graceful',
  description: 'graceful: signal, grace, kill. after_step: the running step may finish. kill: at once.',
} as const;
const modeProblem = `$property must be one of: ${CANCEL_MODES.join(', ')}`;

export class CancelJobDto implements CancelJobBody {
  @ApiPropertyOptional(cancelMode)
  @IsOptional()
  @IsIn(CANCEL_MODES, { message: modeProblem })
  mode?: CancelMode;
}

/** As many as a page of the list has at most. */
export const MAX_BULK_IDS = MAX_PAGE_LIMIT;

export class BulkJobsDto {
  @ApiProperty({ type: [String], format: 'uuid', minItems: 1, maxItems: MAX_BULK_IDS, description: 'Ids of jobs.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_BULK_IDS)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  ids!: string[];
}

export class CancelJobsDto extends BulkJobsDto implements CancelJobsBody {
  @ApiPropertyOptional(cancelMode)
  @IsOptional()
  @IsIn(CANCEL_MODES, { message: modeProblem })
  mode?: CancelMode;
}

export class SubmitJobsDto {
  @ApiProperty({ type: () => [SubmitJobDto], minItems: 1, maxItems: JOB_LIMITS.bulkJobs })
  @IsListOf(() => SubmitJobDto, 1, JOB_LIMITS.bulkJobs)
  @ValidateNested({ each: true })
  @Type(() => SubmitJobDto)
  jobs!: SubmitJobDto[];
}
