import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import type { OrganizationView, UpdateOrganizationBody } from '@dibs/shared';
import { IsDisplayName, IsGivenOrAbsent, IsWholeNumber } from '../../platform/validation-rules.js';

const MAX_QUOTA = 100_000;

const quota = {
  type: 'integer',
  minimum: 1,
  maximum: MAX_QUOTA,
  nullable: true,
  description: 'Jobs that may be queued, claimed and running at a time; the others wait. null: any number.',
} as const;

export class UpdateOrganizationDto implements UpdateOrganizationBody {
  @ApiPropertyOptional(quota)
  @ValidateIf((_: object, value: unknown) => value !== undefined && value !== null)
  @IsWholeNumber(1, MAX_QUOTA)
  maxRunningJobs?: number | null;

  @ApiPropertyOptional({ maxLength: 100 })
  @IsGivenOrAbsent()
  @IsDisplayName()
  name?: string;
}

export class OrganizationDto implements OrganizationView {
  @ApiProperty({ type: String, format: 'uuid' }) id!: OrganizationView['id'];
  @ApiProperty() name!: string;
  @ApiProperty(quota) maxRunningJobs!: number | null;
}
