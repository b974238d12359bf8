import type { JobScope } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { problemOfId, problemOfModuleId } from '../spec/job-scope.js';
import { Passes, PassesBeside } from './passes.decorator.js';

export class JobScopeDto implements Partial<JobScope> {
  @ApiProperty({ format: 'uuid' })
  @Passes(problemOfId)
  stackId!: string;

  @ApiPropertyOptional({ type: String, format: 'uuid', nullable: true })
  @IsOptional()
  @Passes(problemOfId)
  namespaceId?: string | null;

  @ApiPropertyOptional({ type: String, format: 'uuid', nullable: true, description: 'Only beside namespaceId.' })
  @IsOptional()
  @PassesBeside(problemOfModuleId)
  moduleId?: string | null;
}
