import { ENGINES, type EngineChoice, type EngineName, type ModuleSettingsPatch, type Placement } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { Passes, text } from '../../jobs/dto/passes.decorator.js';
import { JOB_LIMITS as LIMITS } from '../../jobs/spec/job-limits.js';
import { problemOfLabels } from '../../jobs/spec/requirements.js';
import { problemOfLine } from '../../jobs/spec/safe-text.js';
import { AsSent } from '../../platform/as-sent.decorator.js';
import { IsWholeNumber } from '../../platform/validation-rules.js';
import { problemOfVersionRange } from '../version-range.js';

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
}
