import { EXECUTORS, type ExecutorSpec, type ExecutorType, type RequirementsSpec } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { problemOfLabels, problemOfTools } from '../spec/requirements.js';
import { AsSent } from '../../platform/as-sent.decorator.js';
import { Passes } from './passes.decorator.js';

export class ExecutorDto implements ExecutorSpec {
  @ApiProperty({ enum: EXECUTORS, description: '`noop` runs nothing: every step succeeds at once.' })
  @IsIn(EXECUTORS, {
    message: `$property must be one of: ${EXECUTORS.join(', ')} (no other executor is available yet)`,
  })
  type!: ExecutorType;
}

export class RequirementsDto implements Partial<RequirementsSpec> {
  @ApiPropertyOptional({
    type: [String],
    description: "Programs that must be on the runner's PATH; behind an @ a range of versions as npm writes them.",
    example: ['git', 'terraform@>=1.5 <2'],
  })
  @IsOptional()
  @AsSent()
  @Passes(problemOfTools)
  tools?: string[];

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Labels that the instance must have, with exactly these values.',
  })
  @IsOptional()
  @AsSent()
  @Passes(problemOfLabels)
  labels?: Record<string, string>;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Labels that count in favour of an instance: who has more of them is asked first.',
  })
  @IsOptional()
  @AsSent()
  @Passes(problemOfLabels)
  prefers?: Record<string, string>;
}
