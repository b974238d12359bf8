import {
  RUN_OPERATIONS,
  RUN_STATES,
  type DecideRunBody,
  type RunOperation,
  type RunState,
  type StartRunBody,
} from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsIn, IsOptional } from 'class-validator';
import { Passes, PassesBeside, text } from '../../jobs/dto/passes.decorator.js';
import { problemOfLine, problemOfText } from '../../jobs/spec/safe-text.js';
import { PageQuery } from '../../platform/page.js';
import { IsGivenOrAbsent } from '../../platform/validation-rules.js';

const MAX_LOCK_ID_LENGTH = 512;
const MAX_COMMENT_LENGTH = 2000;
const comment = text(problemOfText, MAX_COMMENT_LENGTH);
const lockId = text(
  (id) => (id.startsWith('-') ? 'must not start with a dash' : problemOfLine(id)),
  MAX_LOCK_ID_LENGTH,
);

export class StartRunDto implements StartRunBody {
  @ApiProperty({
    enum: RUN_OPERATIONS,
    description:
      '`apply` and `destroy` plan first, and carry out exactly that plan, once it is approved where the module asks for that.',
  })
  @IsIn(RUN_OPERATIONS, { message: `$property must be one of: ${RUN_OPERATIONS.join(', ')}` })
  operation!: RunOperation;

  @ApiPropertyOptional({
    maxLength: MAX_LOCK_ID_LENGTH,
    description: 'Of `unlock` alone: the id of the lock, as a run of the module reported it.',
  })
  @IsGivenOrAbsent()
  @PassesBeside((value: unknown, { operation }: StartRunDto) =>
    operation === 'unlock' ? lockId(value) : 'may be given to unlock only',
  )
  lockId?: string;
}

export class DecideRunDto implements DecideRunBody {
  @ApiPropertyOptional({ maxLength: MAX_COMMENT_LENGTH })
  @IsGivenOrAbsent()
  @Passes(comment)
  comment?: string;
}

export class ListRunsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: RUN_STATES, isArray: true, description: 'May be repeated or separated by commas.' })
  @IsOptional()
  @Transform(({ value }) => [value as string | string[]].flat().flatMap((each) => String(each).split(',')))
  @ArrayMaxSize(RUN_STATES.length)
  @IsIn(RUN_STATES, { each: true, message: `$property must be one of: ${RUN_STATES.join(', ')}` })
  state?: RunState[];
}
