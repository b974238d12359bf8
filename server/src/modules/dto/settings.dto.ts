import {
  APPROVAL_RULES,
  ENGINES,
  HOOK_POINTS,
  MODULE_INPUT_TYPES,
  STEP_SHELLS,
  type ApprovalRule,
  type ApprovalSetting,
  type EngineChoice,
  type EngineFlags,
  type EngineName,
  type HookPoint,
  type ModuleFile,
  type ModuleHookBody,
  type ModuleInputBody,
  type ModuleSettingsPatch,
  type Placement,
  type SourcePolling,
} from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsObject, IsOptional, ValidateIf, ValidateNested } from 'class-validator';
import { Passes, text } from '../../jobs/dto/passes.decorator.js';
import { JOB_LIMITS as LIMITS } from '../../jobs/spec/job-limits.js';
import { problemOfLabels } from '../../jobs/spec/requirements.js';
import { problemOfLine } from '../../jobs/spec/safe-text.js';
import { problemOfVersionRange } from '../../jobs/spec/version-range.js';
import { AsSent } from '../../platform/as-sent.decorator.js';
import { problemOfHooks } from '../hooks.js';
import { IsGivenOrAbsent, IsWholeNumber } from '../../platform/validation-rules.js';
import { problemOfBackend, problemOfWorkspace } from '../backend-settings.js';
import { problemOfFlags } from '../engine-flags.js';
import { problemOfInputEnvironment, problemOfVariables } from '../inputs.js';
import { problemOfModuleFiles } from '../module-files.js';
import { IsSource, type SourceDto } from '../../jobs/dto/source.dto.js';

/** Thirty days. */
const MAX_APPROVAL_SECONDS = 30 * 24 * 3600;
const SHORTEST_POLL_SECONDS = 60;
const LONGEST_POLL_SECONDS = 24 * 3600;

export class EngineChoiceDto implements Partial<EngineChoice> {
  @ApiProperty({ enum: ENGINES })
  @IsIn(ENGINES, { message: `$property must be one of: ${ENGINES.join(', ')}` })
  name!: EngineName;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '>=1.5 <2',
    description: 'Range of versions as npm writes them; null: any.',
  })
  @IsOptional()
  @Passes(problemOfVersionRange)
  version?: string | null;
}

export class PlacementDto implements Partial<Placement> {
  @ApiPropertyOptional({ type: String, nullable: true, description: 'Name of the runner that must take the jobs.' })
  @IsOptional()
  @Passes(text(problemOfLine, LIMITS.runnerNameLength))
  runner?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'Name of the instance that must take the jobs.' })
  @IsOptional()
  @Passes(text(problemOfLine, LIMITS.instanceNameLength))
  instance?: string | null;
}

export class ApprovalDto implements Partial<ApprovalSetting> {
  @ApiPropertyOptional({
    enum: APPROVAL_RULES,
    default: 'changes',
    description:
      'Which plans somebody must approve: none, those that change or destroy something, or all. One without changes is never carried out.',
  })
  @IsGivenOrAbsent()
  @IsIn(APPROVAL_RULES, { message: `$property must be one of: ${APPROVAL_RULES.join(', ')}` })
  when?: ApprovalRule;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_APPROVAL_SECONDS,
    default: 604_800,
    description: 'A plan that nobody decides on expires.',
  })
  @IsGivenOrAbsent()
  @IsWholeNumber(1, MAX_APPROVAL_SECONDS)
  expiresAfterSeconds?: number;
}

export class SourcePollingDto implements SourcePolling {
  @ApiProperty({
    type: 'integer',
    nullable: true,
    minimum: SHORTEST_POLL_SECONDS,
    maximum: LONGEST_POLL_SECONDS,
    default: 300,
    description: 'How often a runner looks at the git source; null: only when told of a change.',
  })
  @ValidateIf((_: object, value: unknown) => value !== null)
  @IsWholeNumber(SHORTEST_POLL_SECONDS, LONGEST_POLL_SECONDS)
  everySeconds!: number | null;
}

const inputs = {
  type: 'object' as const,
  nullable: true,
  additionalProperties: {
    type: 'object',
    nullable: true,
    required: ['type'],
    properties: {
      type: { type: 'string', enum: [...MODULE_INPUT_TYPES] },
      value: { type: 'string', description: 'Of a literal or a secret; that of a secret is never returned.' },
      moduleId: { type: 'string', format: 'uuid', description: 'Of an output.' },
      output: { type: 'string', description: 'Name of the output.' },
      name: { type: 'string', description: 'Name that the namespace of the module has for it.' },
    },
  },
};

/** Only what is named changes; null: inherited again. */
export class ModuleSettingsDto implements ModuleSettingsPatch {
  @ApiPropertyOptional({ type: () => EngineChoiceDto, nullable: true })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => EngineChoiceDto)
  engine?: EngineChoiceDto | null;

  @ApiPropertyOptional({
    type: () => PlacementDto,
    nullable: true,
    description: 'A pin. `{}` sets that any assigned runner may take the jobs, whatever is set further out.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => PlacementDto)
  placement?: PlacementDto | null;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    nullable: true,
    description: 'Labels that an instance must have, instead of those that are set further out.',
  })
  @IsOptional()
  @AsSent()
  @Passes(problemOfLabels)
  labels?: Record<string, string> | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: LIMITS.timeoutSeconds, nullable: true })
  @IsOptional()
  @IsWholeNumber(1, LIMITS.timeoutSeconds)
  timeoutSeconds?: number | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: LIMITS.queueTimeoutSeconds, nullable: true })
  @IsOptional()
  @IsWholeNumber(1, LIMITS.queueTimeoutSeconds)
  queueTimeoutSeconds?: number | null;

  @ApiPropertyOptional({ ...inputs, description: 'Variables of the engine.' })
  @IsOptional()
  @AsSent()
  @Passes(problemOfVariables)
  variables?: Record<string, ModuleInputBody | null> | null;

  @ApiPropertyOptional({ ...inputs, description: 'Variables of the environment.' })
  @IsOptional()
  @AsSent()
  @Passes(problemOfInputEnvironment)
  environment?: Record<string, ModuleInputBody | null> | null;

  @ApiPropertyOptional({
    type: 'object',
    nullable: true,
    additionalProperties: {
      type: 'object',
      nullable: true,
      required: ['type'],
      properties: { type: { type: 'string', enum: ['text', 'none'] }, content: { type: 'string' } },
    },
    description: `By their paths below the folder of the engine, at most ${LIMITS.filesBytes} bytes in sum.`,
  })
  @IsOptional()
  @AsSent()
  @Passes(problemOfModuleFiles)
  files?: Record<string, ModuleFile | null> | null;

  @ApiPropertyOptional({
    type: 'object',
    nullable: true,
    additionalProperties: {
      type: 'object',
      nullable: true,
      required: ['type'],
      properties: {
        type: { type: 'string', enum: ['script', 'none'] },
        run: { type: 'string', description: `Of a script, at most ${LIMITS.runBytes} bytes.` },
        shell: { type: 'string', enum: [...STEP_SHELLS], default: 'bash' },
      },
    },
    description: `Scripts by where they run: ${HOOK_POINTS.join(', ')}. A runner may refuse those that it does not know.`,
  })
  @IsOptional()
  @AsSent()
  @Passes(problemOfHooks)
  hooks?: Partial<Record<HookPoint, ModuleHookBody | null>> | null;

  @IsSource({ nullable: true, description: 'Where the configuration comes from; without one it is the files alone.' })
  source?: SourceDto | null;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    nullable: true,
    description:
      "Settings of the engine's backend that the configuration leaves open; for pulumi `url` alone. They are shown to whoever sees the module: passwords belong into secrets of `environment`.",
  })
  @IsOptional()
  @AsSent()
  @Passes(problemOfBackend)
  backend?: Record<string, string> | null;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string' } },
    nullable: true,
    example: { plan: ['-parallelism=4'] },
    description: 'More arguments for calls of the engine, by the calls. Which are allowed, the refusal of others says.',
  })
  @IsOptional()
  @AsSent()
  @Passes(problemOfFlags)
  flags?: EngineFlags | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Workspace of terraform and tofu, stack of pulumi.',
  })
  @IsOptional()
  @Passes(problemOfWorkspace)
  workspace?: string | null;

  @ApiPropertyOptional({ type: () => ApprovalDto, nullable: true })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ApprovalDto)
  approval?: ApprovalDto | null;

  @ApiPropertyOptional({
    type: Boolean,
    nullable: true,
    description: 'A change of an output that the module takes begins a run of `apply`.',
  })
  @IsOptional()
  @IsBoolean()
  triggerOnUpstreamOutputChanged?: boolean | null;

  @ApiPropertyOptional({
    type: Boolean,
    nullable: true,
    description:
      'A change of what counts for the module, on whatever level, begins a run of `apply`, once the module was applied before.',
  })
  @IsOptional()
  @IsBoolean()
  triggerOnDefinitionChanged?: boolean | null;

  @ApiPropertyOptional({
    type: Boolean,
    nullable: true,
    description: 'New commits of the git source begin a run of `apply`, once the module was applied before.',
  })
  @IsOptional()
  @IsBoolean()
  triggerOnSourceChanged?: boolean | null;

  @ApiPropertyOptional({ type: () => SourcePollingDto, nullable: true })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => SourcePollingDto)
  sourcePolling?: SourcePollingDto | null;
}
