import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsBoolean } from 'class-validator';

/** A boolean in a query: `true` or `false`, and nothing that only looks like it. */
export function IsTrueOrFalse(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : (value as unknown))),
    IsBoolean({ message: '$property must be true or false' }),
  );
}
