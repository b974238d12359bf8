import { ValidateBy } from 'class-validator';

/**
 * Validates a property by a pure function, so that the rule and its words live in one place and can be tested without
 * a framework.
 *
 * @param problemOf answers with what is wrong, as a half sentence after the property's name; null: nothing
 */
export function Passes(problemOf: (value: unknown) => string | null): PropertyDecorator {
  return ValidateBy({
    name: problemOf.name || 'passes',
    validator: {
      validate: (value) => problemOf(value) === null,
      defaultMessage: (args) => `${args?.property ?? 'value'} ${problemOf(args?.value) ?? 'is wrong'}`,
    },
  });
}

/** Like `Passes`, for a property whose rule depends on its neighbours. */
export function PassesBeside<Owner extends object>(
  problemOf: (value: unknown, owner: Owner) => string | null,
): PropertyDecorator {
  return ValidateBy({
    name: problemOf.name || 'passesBeside',
    validator: {
      validate: (value, args) => problemOf(value, args?.object as Owner) === null,
      defaultMessage: (args) =>
        `${args?.property ?? 'value'} ${problemOf(args?.value, args?.object as Owner) ?? 'is wrong'}`,
    },
  });
}

/** Lets a check of strings be used on anything. */
export function text(
  problemOf: (value: string) => string | null,
  maxLength: number,
): (value: unknown) => string | null {
  return (value) => {
    if (typeof value !== 'string' || value === '' || value.length > maxLength) {
      return `must be a string of 1 to ${maxLength} characters`;
    }
    return problemOf(value);
  };
}
