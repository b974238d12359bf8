import { applyDecorators } from '@nestjs/common';
import { IsString, Matches, ValidateBy, ValidateIf } from 'class-validator';

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

/** One rule instead of `IsInt`, `Min` and `Max`, so that its message says all that is allowed. */
export function IsWholeNumber(from: number, to: number): PropertyDecorator {
  return ValidateBy({
    name: 'isWholeNumber',
    validator: {
      validate: (value) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to,
      defaultMessage: () => `$property must be a whole number from ${from} to ${to}`,
    },
  });
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** A moment with its zone: one without would mean another moment on every machine. */
export function IsMoment(): PropertyDecorator {
  return ValidateBy({
    name: 'isMoment',
    validator: {
      validate: (value) => typeof value === 'string' && MOMENT.test(value) && !Number.isNaN(Date.parse(value)),
      defaultMessage: () => '$property must be a date and time with its zone such as 2026-11-21T09:30:00Z',
    },
  });
}

/** A list of objects of one class; goes with `@Type` and `@ValidateNested({ each: true })`. */
export function IsListOf(type: () => new () => object, from: number, to: number): PropertyDecorator {
  return ValidateBy({
    name: 'isListOf',
    validator: {
      validate: (value) =>
        Array.isArray(value) &&
        value.length >= from &&
        value.length <= to &&
        // an array in the array would pass: class-validator looks into it
        value.every((item) => item instanceof type()),
      defaultMessage: () => `$property must be a list of ${from} to ${to} objects`,
    },
  });
}

/** As on a single machine (`admin@localhost`) or by RFC 5321; whether mail arrives there is nothing this server asks. */
const EMAIL = /^[^\s@\p{C}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,252}[\p{L}\p{N}])?$/u;

export function isEmailAddress(text: unknown): boolean {
  return typeof text === 'string' && text.length <= 254 && !text.includes('..') && EMAIL.test(text);
}

export function IsEmailAddress(): PropertyDecorator {
  return ValidateBy({
    name: 'isEmailAddress',
    validator: {
      validate: isEmailAddress,
      defaultMessage: () => '$property must be an e-mail address such as jo@example.com, at most 254 characters',
    },
  });
}
