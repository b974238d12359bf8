import { ValidateBy, type ValidationArguments } from 'class-validator';
import { isPlainObject } from './plain-object.js';

/** What each property of an item must be; an item has exactly these, but for those that a list calls optional. */
export type ItemRules<Item> = { readonly [Property in keyof Item]-?: (value: unknown) => boolean };

export interface ListBounds {
  readonly min: number;
  readonly max: number;
  /** Properties that no two items may have in common. */
  readonly unique?: readonly string[];
  /** Properties that an item may be without. */
  readonly optional?: readonly string[];
}

/**
 * A list of small plain objects, checked in one pass. An instance of a message class for each item costs twenty times
 * as much, and the lists that carry claims, results and leases have hundreds of them.
 */
export function ListOfPlain<Item extends object>(rules: ItemRules<Item>, bounds: ListBounds): PropertyDecorator {
  const checks = checksOf(rules, bounds);
  return ValidateBy({
    name: 'listOfPlain',
    validator: {
      validate: (list) => problemOf(list, checks, bounds) === null,
      // only what is refused pays for a second pass
      defaultMessage: (args) => `${args?.property}${problemOf((args as ValidationArguments).value, checks, bounds)}`,
    },
  });
}

/** The same for a list within an item. */
export function isListOf<Item extends object>(rules: ItemRules<Item>, bounds: ListBounds): (value: unknown) => boolean {
  const checks = checksOf(rules, bounds);
  return (list) => problemOf(list, checks, bounds) === null;
}

/** The same for a single object within an item. */
export function isPlain<Item extends object>(rules: ItemRules<Item>): (value: unknown) => boolean {
  const checks = checksOf(rules, {});
  return (item) => problemOfItem(item, checks) === null;
}

type Check = readonly [property: string, isValid: (value: unknown) => boolean, isOptional: boolean];

function checksOf<Item extends object>(
  rules: ItemRules<Item>,
  { optional = [] }: Pick<ListBounds, 'optional'>,
): readonly Check[] {
  const entries = Object.entries<(value: unknown) => boolean>(rules);
  return entries.map(([property, isValid]) => [property, isValid, optional.includes(property)]);
}

/** @returns what to say after the name of the list, never with a value; null: nothing is wrong */
function problemOf(list: unknown, checks: readonly Check[], { min, max, unique = [] }: ListBounds): string | null {
  if (!Array.isArray(list)) return ' must be a list';
  if (list.length < min || list.length > max) return ` must have ${min} to ${max} items`;
  const items = list as readonly unknown[];
  for (let index = 0; index < items.length; index += 1) {
    const problem = problemOfItem(items[index], checks);
    if (problem !== null) return `[${index}]${problem}`;
  }
  const repeated = unique.find((property) => hasRepetition(items as Record<string, unknown>[], property));
  return repeated === undefined ? null : ` must not have the same ${repeated} twice`;
}

function problemOfItem(item: unknown, checks: readonly Check[]): string | null {
  if (!isPlainObject(item)) return ' must be an object';
  const given = item as Readonly<Record<string, unknown>>;
  let expected = 0;
  for (const [property, isValid, isOptional] of checks) {
    const isThere = Object.hasOwn(given, property);
    if (isThere ? !isValid(given[property]) : !isOptional) return `.${property} is not valid`;
    if (isThere) expected += 1;
  }
  if (Object.keys(given).length === expected) return null;
  return `.${Object.keys(given).find((key) => !checks.some(([property]) => property === key))} should not exist`;
}

function hasRepetition(items: readonly Record<string, unknown>[], property: string): boolean {
  return items.length > 1 && new Set(items.map((item) => item[property])).size < items.length;
}
