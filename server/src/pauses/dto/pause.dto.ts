import type { CreatePauseBody, PauseTargetBody, PauseTargetType, StartMaintenanceBody } from '@dibs/shared';
import { PAUSE_TARGET_TYPES } from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsString, Length, Matches, ValidateNested, type ValidationOptions } from 'class-validator';
import { applyDecorators } from '@nestjs/common';

/** Shown on pages and in terminals: text without control characters, not blank. */
function IsNote(): PropertyDecorator {
  const options: ValidationOptions = {
    message: '$property must be 1 to 500 printable characters, not only space',
  };
  return applyDecorators(IsString(options), Matches(/^(?=.*\S)[^\p{C}\p{Zl}\p{Zp}]{1,500}$/u, options));
}

export class PauseTargetDto implements PauseTargetBody {
  @ApiProperty({ enum: PAUSE_TARGET_TYPES })
  @IsIn(PAUSE_TARGET_TYPES, { message: `$property must be one of: ${PAUSE_TARGET_TYPES.join(', ')}` })
  type!: PauseTargetType;

  @ApiProperty({ description: 'Id of the runner or organization, or the `lane` that a job shows.' })
  @IsString()
  @Length(1, 100)
  id!: string;
}

export class CreatePauseDto implements CreatePauseBody {
  @ApiProperty({ type: () => PauseTargetDto })
  @IsObject()
  @ValidateNested()
  @Type(() => PauseTargetDto)
  target!: PauseTargetDto;

  @ApiProperty({ maxLength: 500, description: 'Why; shown to everybody whose jobs wait for it.' })
  @IsNote()
  note!: string;
}

export class StartMaintenanceDto implements StartMaintenanceBody {
  @ApiProperty({ maxLength: 500, description: 'Why; shown to everybody of every organization.' })
  @IsNote()
  note!: string;
}
