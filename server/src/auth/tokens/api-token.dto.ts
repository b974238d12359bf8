import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { ROLES } from '@dibs/shared';
import type { Role } from '@dibs/shared';
import { IsDisplayName, IsGivenOrAbsent, IsWholeNumber } from '../../platform/validation-rules.js';

export class CreateApiTokenDto {
  @ApiProperty({ example: 'deploy pipeline' })
  @IsDisplayName()
  name!: string;

  @ApiProperty({ enum: ROLES, description: 'At most your own' })
  @IsIn(ROLES)
  role!: Role;

  @ApiPropertyOptional({ minimum: 60, maximum: 315_360_000, description: 'Absent: until it is revoked' })
  @IsGivenOrAbsent()
  @IsWholeNumber(60, 315_360_000)
  expiresInSeconds?: number;
}
