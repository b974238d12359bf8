import type { DrainBody } from '@dibs/shared';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsGivenOrAbsent, IsWholeNumber } from '../../platform/validation-rules.js';

const MAX_DEADLINE_SECONDS = 7 * 24 * 3_600;

export class DrainDto implements DrainBody {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MAX_DEADLINE_SECONDS,
    description: 'What still runs then is given up as lost (`drain_deadline`), and its `onLost` decides what follows.',
  })
  @IsGivenOrAbsent()
  @IsWholeNumber(0, MAX_DEADLINE_SECONDS)
  deadlineSeconds?: number;
}
