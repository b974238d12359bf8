import {
  ON_MODULE_FAILURE,
  SCOPE_RUN_OPERATIONS,
  type OnModuleFailure,
  type ScopeRunOperation,
  type StartScopeRunBody,
} from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IsGivenOrAbsent } from '../../platform/validation-rules.js';

export class StartScopeRunDto implements StartScopeRunBody {
  @ApiProperty({ enum: SCOPE_RUN_OPERATIONS, description: 'Of every module; `destroy` goes the other way round.' })
  @IsIn(SCOPE_RUN_OPERATIONS, { message: `$property must be one of: ${SCOPE_RUN_OPERATIONS.join(', ')}` })
  operation!: ScopeRunOperation;

  @ApiPropertyOptional({
    enum: ON_MODULE_FAILURE,
    default: 'stop',
    description: '`stop`: nothing more begins once a module has failed. `continue`: all but what depends on it.',
  })
  @IsGivenOrAbsent()
  @IsIn(ON_MODULE_FAILURE, { message: `$property must be one of: ${ON_MODULE_FAILURE.join(', ')}` })
  onFailure?: OnModuleFailure;
}
