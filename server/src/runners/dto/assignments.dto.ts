import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ASSIGNMENT_KINDS, type CreateAssignmentBody } from '@dibs/shared';
import { IsBoolean, IsUUID } from 'class-validator';
import { IsGivenOrAbsent } from '../../platform/validation-rules.js';

export class AssignToEverythingDto {
  @ApiProperty({ description: 'true: jobs of every module may use this runner' })
  @IsBoolean()
  isAssignedToAllModules!: boolean;
}

export class CreateAssignmentDto implements CreateAssignmentBody {
  @ApiPropertyOptional({ format: 'uuid', description: 'Exactly one of the three' })
  @IsGivenOrAbsent()
  @IsUUID()
  stackId?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsGivenOrAbsent()
  @IsUUID()
  namespaceId?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsGivenOrAbsent()
  @IsUUID()
  moduleId?: string;
}

/** For OpenAPI only: the types themselves are in shared/src/rest/runners.ts. */
export class AssignmentDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ enum: ASSIGNMENT_KINDS }) kind!: string;
  @ApiProperty({ format: 'uuid' }) targetId!: string;
  @ApiProperty({ example: 'prod/network/vpc' }) path!: string;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
}

export class RunnerAssignmentsDocument {
  @ApiProperty() isAssignedToAllModules!: boolean;
  @ApiProperty({ type: () => [AssignmentDocument] }) items!: AssignmentDocument[];
}
