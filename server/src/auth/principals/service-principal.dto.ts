import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, NotContains } from 'class-validator';
import { ROLES } from '@dibs/shared';
import type { Role } from '@dibs/shared';
import { IsDisplayName, IsGivenOrAbsent, IsWholeNumber } from '../../platform/validation-rules.js';

export class CreateServicePrincipalDto {
  @ApiProperty({ example: 'ci' })
  @IsDisplayName()
  // "runner:…" are the ones this server makes for runners
  @NotContains(':')
  name!: string;

  @ApiPropertyOptional({
    enum: ROLES,
    nullable: true,
    description: 'At most your own; absent or null: for a runner, may use nothing but the runner link',
  })
  @IsOptional()
  @IsIn(ROLES)
  role?: Role | null;
}

export class UpdateServicePrincipalDto {
  @ApiPropertyOptional({ enum: ROLES, nullable: true })
  @IsOptional()
  @IsIn(ROLES)
  role?: Role | null;

  @ApiPropertyOptional({ description: 'true also refuses all tokens that were issued to it' })
  @IsGivenOrAbsent()
  @IsBoolean()
  disabled?: boolean;
}

export class RotateSecretDto {
  @ApiPropertyOptional({
    minimum: 0,
    maximum: 604_800,
    default: 0,
    description: 'How long earlier secrets stay good; 0: they and the tokens got with them end at once',
  })
  @IsGivenOrAbsent()
  @IsWholeNumber(0, 604_800)
  overlapSeconds?: number;
}
