import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength, MinLength } from 'class-validator';
import type { ChangePasswordBody } from '@dibs/shared';

export class ChangePasswordDto implements ChangePasswordBody {
  @ApiProperty()
  @IsString()
  @MinLength(1)
  @MaxLength(1_000)
  currentPassword!: string;

  @ApiProperty({ minLength: 8 })
  @IsString()
  @MinLength(8)
  @MaxLength(1_000)
  newPassword!: string;
}
