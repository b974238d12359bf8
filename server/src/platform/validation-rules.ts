import { applyDecorators } from '@nestjs/common';
import { IsString, Matches, ValidateIf } from 'class-validator';

/** A name for people: 1 to 100 characters on one line, without space at its ends. */
export function IsDisplayName(): PropertyDecorator {
  return applyDecorators(
    IsString(),
    Matches(/^(?!\s)[^\p{C}\p{Zl}\p{Zp}]{1,100}(?<!\s)$/u, {
      message: '$property must be 1 to 100 printable characters without space at its ends',
    }),
  );
}

/** A name that goes into URLs, host names and commands. */
export function IsSlug(): PropertyDecorator {
  return applyDecorators(
    IsString(),
    Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, {
      message: '$property must be 1 to 100 letters, digits, ".", "_" or "-", beginning with a letter or digit',
    }),
  );
}

/** Leaving the property out is fine; null is not (`IsOptional` would let it pass every other rule). */
export function IsGivenOrAbsent(): PropertyDecorator {
  return ValidateIf((_: object, value: unknown) => value !== undefined);
}
