import type { FanOutSpec, FileSpec, OnLost, StepShell, SubmitJobBody, SubmitStepBody } from '@dibs/shared';
import { ON_LOST, STEP_SHELLS } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { problemOfEnvironment, problemOfSecrets } from '../spec/environment.js';
import { FAN_OUT_OFFLINE, problemOfFanOut } from '../spec/fan-out.js';
import { problemOfFiles } from '../spec/files.js';
import { JOB_LIMITS as LIMITS } from '../spec/job-limits.js';
import { problemOfLine } from '../spec/safe-text.js';
import { AsSent } from '../../platform/as-sent.decorator.js';
import { ConcurrencyDto } from './concurrency.dto.js';
import { IsSource, type SourceDto } from './source.dto.js';
import { JobScopeDto } from './job-scope.dto.js';
import { Passes, text } from './passes.decorator.js';
import { ExecutorDto, RequirementsDto } from './placement.dto.js';
import { RetryDto } from './retry.dto.js';
import { problemOfScript } from '../spec/script.js';
import { IsListOf, IsWholeNumber } from '../../platform/validation-rules.js';

const name = text(problemOfLine, LIMITS.nameLength);
const runnerName = text(problemOfLine, LIMITS.runnerNameLength);
const instanceName = text(problemOfLine, LIMITS.instanceNameLength);

export class SubmitStepDto implements SubmitStepBody {
  @ApiPropertyOptional({ maxLength: LIMITS.nameLength, description: 'Default: the first line of `run`.' })
  @IsOptional()
  @Passes(name)
  name?: string;

  @ApiProperty({ description: `Script of the step, at most ${LIMITS.runBytes} bytes.`, example: 'echo hi' })
  @Passes(problemOfScript)
  run!: string;

  @ApiPropertyOptional({ enum: STEP_SHELLS, default: 'bash' })
  @IsOptional()
  @IsIn(STEP_SHELLS, { message: `$property must be one of: ${STEP_SHELLS.join(', ')}` })
  shell?: StepShell;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: LIMITS.timeoutSeconds,
    description: "Default: none but the job's.",
  })
  @IsOptional()
  @IsWholeNumber(1, LIMITS.timeoutSeconds)
  timeoutSeconds?: number;
}

export class SubmitJobDto implements SubmitJobBody {
  @ApiPropertyOptional({ maxLength: LIMITS.nameLength, description: 'Default: the name of the first step.' })
  @IsOptional()
  @Passes(name)
  name?: string;

  @ApiProperty({ type: () => [SubmitStepDto], minItems: 1, maxItems: LIMITS.steps })
  @IsListOf(() => SubmitStepDto, 1, LIMITS.steps)
  @ValidateNested({ each: true })
  @Type(() => SubmitStepDto)
  steps!: SubmitStepDto[];

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Environment of every step.',
  })
  @IsOptional()
  @AsSent()
  @Passes(problemOfEnvironment)
  env?: Record<string, string>;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string', writeOnly: true },
    description: 'Environment that is encrypted at rest, masked in the log and never returned.',
  })
  @IsOptional()
  @AsSent()
  @Passes(problemOfSecrets)
  secrets?: Record<string, string>;

  @IsSource()
  source?: SourceDto;

  @ApiPropertyOptional({
    type: 'array',
    maxItems: LIMITS.files,
    items: {
      type: 'object',
      required: ['path', 'content'],
      properties: { path: { type: 'string' }, content: { type: 'string' } },
    },
    description: `Files put into the workspace, at most ${LIMITS.filesBytes} bytes in sum.`,
  })
  @IsOptional()
  @AsSent()
  @Passes(problemOfFiles)
  files?: FileSpec[];

  @ApiPropertyOptional({ type: () => ExecutorDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ExecutorDto)
  executor?: ExecutorDto;

  @ApiPropertyOptional({ type: () => RequirementsDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => RequirementsDto)
  requires?: RequirementsDto;

  @ApiPropertyOptional({ description: 'Name of the runner that must take the job.' })
  @IsOptional()
  @Passes(runnerName)
  runner?: string;

  @ApiPropertyOptional({ description: 'Name of the runner instance that must take the job.' })
  @IsOptional()
  @Passes(instanceName)
  instance?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: -LIMITS.priority, maximum: LIMITS.priority, default: 0 })
  @IsOptional()
  @IsWholeNumber(-LIMITS.priority, LIMITS.priority)
  priority?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: LIMITS.timeoutSeconds, default: 3600 })
  @IsOptional()
  @IsWholeNumber(1, LIMITS.timeoutSeconds)
  timeoutSeconds?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: LIMITS.queueTimeoutSeconds, default: 86_400 })
  @IsOptional()
  @IsWholeNumber(1, LIMITS.queueTimeoutSeconds)
  queueTimeoutSeconds?: number;

  @ApiPropertyOptional({
    enum: ON_LOST,
    default: 'requeue',
    description: 'What follows when the runner is lost. requeue: any may take it again; wait: the same instance may.',
  })
  @IsOptional()
  @IsIn(ON_LOST, { message: `$property must be one of: ${ON_LOST.join(', ')}` })
  onLost?: OnLost;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: LIMITS.maxAttempts,
    default: 3,
    description: 'Attempts that the loss of runners may cost, the first included; failures of the job do not count.',
  })
  @IsOptional()
  @IsWholeNumber(1, LIMITS.maxAttempts)
  maxAttempts?: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: LIMITS.slots,
    default: 1,
    description: 'Slots of an instance that the job takes up.',
  })
  @IsOptional()
  @IsWholeNumber(1, LIMITS.slots)
  slots?: number;

  @ApiPropertyOptional({ type: () => RetryDto, description: 'Tries a job again that failed by itself.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => RetryDto)
  retry?: RetryDto;

  @ApiPropertyOptional({ type: () => ConcurrencyDto, description: 'A group of jobs of which few may run at a time.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ConcurrencyDto)
  concurrency?: ConcurrencyDto;

  @ApiPropertyOptional({
    oneOf: [
      { type: 'boolean' },
      {
        type: 'object',
        properties: {
          batchSize: { type: 'integer', minimum: 1, maximum: LIMITS.fanOutBatch, nullable: true },
          offline: { type: 'string', enum: [...FAN_OUT_OFFLINE], default: 'skip' },
        },
      },
    ],
    description:
      'One child job on each matching instance: `batchSize` of them unfinished at a time (default: all), instances ' +
      'that are offline now skipped or waited for.',
  })
  @IsOptional()
  @AsSent()
  @Passes(problemOfFanOut)
  fanOut?: boolean | Partial<FanOutSpec>;

  @ApiPropertyOptional({
    type: () => JobScopeDto,
    description: 'What the job deploys: decides which runners may take it.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => JobScopeDto)
  scope?: JobScopeDto;
}
