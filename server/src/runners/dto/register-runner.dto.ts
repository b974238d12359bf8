import { ApiProperty } from '@nestjs/swagger';
import type { RegisterRunnerBody } from '@dibs/shared';
import { IsSlug } from '../../platform/validation-rules.js';

export class RegisterRunnerDto implements RegisterRunnerBody {
  @ApiProperty({ example: 'build-pool' })
  @IsSlug()
  name!: string;

  @ApiProperty({ example: 'build-pool-0', description: 'Registering it again replaces its earlier secret' })
  @IsSlug()
  instance!: string;
}
