import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsString, MaxLength, MinLength } from 'class-validator';
import { ROLES } from '@dibs/shared';
import type { Role } from '@dibs/shared';
import { IsEmailAddress, IsGivenOrAbsent } from '../../platform/validation-rules.js';

export class CreateUserDto {
  @ApiProperty({ example: 'jo@example.com' })
  @IsEmailAddress()
  email!: string;

  @ApiProperty({ minLength: 8 })
  @IsString()
  @MinLength(8)
  @MaxLength(1_000)
  password!: string;

  @ApiProperty({ enum: ROLES, description: 'At most your own' })
  @IsIn(ROLES)
  role!: Role;
}

export class UpdateUserDto {
  @ApiPropertyOptional({ enum: ROLES })
  @IsGivenOrAbsent()
  @IsIn(ROLES)
  role?: Role;

  @ApiPropertyOptional({ description: 'true also ends all sessions of the user' })
  @IsGivenOrAbsent()
  @IsBoolean()
  disabled?: boolean;

  @ApiPropertyOptional({ minLength: 8, description: 'Ends all sessions of the user' })
  @IsGivenOrAbsent()
  @IsString()
  @MinLength(8)
  @MaxLength(1_000)
  password?: string;
}
