import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsUUID } from 'class-validator';
import { MAX_RUNNER_PRIORITY, type CreateRunnerBody, type UpdateRunnerBody } from '@dibs/shared';
import { IsGivenOrAbsent, IsSlug, IsWholeNumber } from '../../platform/validation-rules.js';

export class CreateRunnerDto implements CreateRunnerBody {
  @ApiProperty({ example: 'build-pool' })
  @IsSlug()
  name!: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Absent: a service principal is made for this runner' })
  @IsGivenOrAbsent()
  @IsUUID()
  servicePrincipalId?: string;

  @ApiPropertyOptional({ default: true, description: 'Several processes, told apart by their instance names' })
  @IsGivenOrAbsent()
  @IsBoolean()
  allowMultipleInstances?: boolean;

  @ApiPropertyOptional({ default: true, description: 'false: only jobs of what it is assigned to may use it' })
  @IsGivenOrAbsent()
  @IsBoolean()
  isAssignedToAllModules?: boolean;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: -MAX_RUNNER_PRIORITY,
    maximum: MAX_RUNNER_PRIORITY,
    default: 0,
    description: 'Higher goes first among instances that fit a job equally well',
  })
  @IsGivenOrAbsent()
  @IsWholeNumber(-MAX_RUNNER_PRIORITY, MAX_RUNNER_PRIORITY)
  priority?: number;

  @ApiPropertyOptional({ default: false, description: 'A disabled runner is disconnected and cannot come back' })
  @IsGivenOrAbsent()
  @IsBoolean()
  disabled?: boolean;
}

export class UpdateRunnerDto implements UpdateRunnerBody {
  @ApiPropertyOptional()
  @IsGivenOrAbsent()
  @IsSlug()
  name?: string;

  @ApiPropertyOptional()
  @IsGivenOrAbsent()
  @IsBoolean()
  allowMultipleInstances?: boolean;

  @ApiPropertyOptional()
  @IsGivenOrAbsent()
  @IsBoolean()
  isAssignedToAllModules?: boolean;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: -MAX_RUNNER_PRIORITY,
    maximum: MAX_RUNNER_PRIORITY,
    description: 'Higher goes first among instances that fit a job equally well',
  })
  @IsGivenOrAbsent()
  @IsWholeNumber(-MAX_RUNNER_PRIORITY, MAX_RUNNER_PRIORITY)
  priority?: number;

  @ApiPropertyOptional({ description: 'true disconnects it; its running jobs are lost when their lease ends' })
  @IsGivenOrAbsent()
  @IsBoolean()
  disabled?: boolean;
}
