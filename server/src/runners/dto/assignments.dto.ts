import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';

export class AssignmentsDto {
  @ApiProperty({ description: 'true: jobs of every module may use this runner' })
  @IsBoolean()
  isAssignedToAllModules!: boolean;
}
