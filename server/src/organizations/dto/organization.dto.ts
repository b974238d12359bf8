import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import type { OrganizationView, UpdateOrganizationBody } from '@dibs/shared';
import { IsDisplayName, IsGivenOrAbsent, IsWholeNumber } from '../../platform/validation-rules.js';

const MAX_QUOTA = 100_000;
const MAX_LOG_LIMIT_MIB = 10_240;

const quota = {
  type: 'integer',
  minimum: 1,
  maximum: MAX_QUOTA,
  nullable: true,
  description: 'Jobs that may be queued, claimed and running at a time; the others wait. null: any number.',
} as const;

const logLimit = {
  type: 'integer',
  minimum: 1,
  maximum: MAX_LOG_LIMIT_MIB,
  nullable: true,
  description:
    'What the log of an attempt may take, in MiB of text; of a longer one the middle is left out and counted. null, or more than DIBS_LOG_LIMIT_MIB: what the server allows.',
} as const;

export class UpdateOrganizationDto implements UpdateOrganizationBody {
  @ApiPropertyOptional(quota)
  @ValidateIf((_: object, value: unknown) => value !== undefined && value !== null)
  @IsWholeNumber(1, MAX_QUOTA)
  maxRunningJobs?: number | null;

  @ApiPropertyOptional(logLimit)
  @ValidateIf((_: object, value: unknown) => value !== undefined && value !== null)
  @IsWholeNumber(1, MAX_LOG_LIMIT_MIB)
  logLimitMib?: number | null;

  @ApiPropertyOptional({ maxLength: 100 })
  @IsGivenOrAbsent()
  @IsDisplayName()
  name?: string;
}

export class OrganizationDto implements OrganizationView {
  @ApiProperty({ type: String, format: 'uuid' }) id!: OrganizationView['id'];
  @ApiProperty() name!: string;
  @ApiProperty(quota) maxRunningJobs!: number | null;
  @ApiProperty(logLimit) logLimitMib!: number | null;
}
