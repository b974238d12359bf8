import { createRequire } from 'node:module';
import { TransformationType, type TransformFnParams } from 'class-transformer';
import { getMetadataStorage, ValidationTypes, type ValidationArguments } from 'class-validator';
import { keepAsSent } from '../as-sent.decorator.js';

type Class = new () => object;
type Values = Record<string, unknown>;

interface Check {
  readonly validate: (value: unknown, args: ValidationArguments) => unknown;
  readonly constraints: unknown[];
}

/** What the decorators of one property say. */
interface Rules {
  readonly name: string;
  /** Of `IsOptional` and `ValidateIf`: unless all of them hold, nothing else is asked. */
  readonly conditions: readonly ((owner: object, value: unknown) => boolean)[];
  readonly checks: readonly Check[];
  /** Something else is said of it that is not understood here: nothing but its absence is plain. */
  readonly isOdd: boolean;
  /** Class of the object, or of each one of a list. */
  readonly nested: { readonly type: Class; readonly isList: boolean } | null;
  readonly asSent: boolean;
}

/** What the decorators of class-transformer noted; it exports no way to it, and @nestjs/swagger takes this one too. */
interface TransformStorage {
  getStrategy(type: Class): 'excludeAll' | 'exposeAll' | 'none';
  getExposedMetadatas(type: Class): readonly unknown[];
  findTransformMetadatas(
    type: Class,
    property: string,
    kind: TransformationType,
  ): readonly { readonly transformFn: (params: TransformFnParams) => unknown }[];
  findTypeMetadata(type: Class, property: string): { readonly typeFunction: () => unknown } | undefined;
}

const { defaultMetadataStorage: transforms } = createRequire(import.meta.url)('class-transformer/cjs/storage.js') as {
  readonly defaultMetadataStorage: TransformStorage;
};

const known = new Map<Class, ReadonlyMap<string, Rules> | null>();

/**
 * Makes a request body, or a query, the instance of its class, if it is plainly valid. The rules are those of
 * class-validator and class-transformer, looked up once for each class; these two go through them anew for every object,
 * with objects made for every property, which was a quarter of what a submit cost the server. Whatever is wrong or
 * unusual is left to them, so every refusal, and its words, is theirs.
 *
 * @returns undefined: ask them
 */
export function quickInstance(type: Class, sent: unknown): object | undefined {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return undefined;
  const properties = rulesOf(type);
  if (properties === null) return undefined;
  const made = new type() as Values;
  for (const name of Object.keys(sent)) {
    const rules = properties.get(name);
    const value = rules && !rules.isOdd ? valueOf(rules, (sent as Values)[name]) : undefined;
    if (value === undefined) return undefined;
    made[name] = value;
  }
  for (const rules of properties.values()) if (!passes(made, rules)) return undefined;
  return made;
}

/** @returns undefined: not plainly what the class says */
function valueOf({ nested, asSent }: Rules, sent: unknown): unknown {
  if (asSent || typeof sent !== 'object' || sent === null) return sent;
  if (nested === null || nested.isList !== Array.isArray(sent)) return undefined;
  if (!Array.isArray(sent)) return quickInstance(nested.type, sent);
  const items = sent.map((item) => quickInstance(nested.type, item));
  return items.includes(undefined) ? undefined : items;
}

function passes(made: Values, { name, conditions, checks, isOdd, nested }: Rules): boolean {
  const value = made[name];
  if (!conditions.every((holds) => holds(made, value))) return true;
  if (isOdd) return false;
  if (nested !== null && (typeof value !== 'object' || value === null)) return false;
  const args = { targetName: made.constructor.name, property: name, object: made, value };
  return checks.every(({ validate, constraints }) => validate(value, { ...args, constraints }) === true);
}

/** @returns null: the class says something that is not understood here */
function rulesOf(type: Class): ReadonlyMap<string, Rules> | null {
  let rules = known.get(type);
  if (rules === undefined) known.set(type, (rules = readRules(type)));
  return rules;
}

type Found = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

function readRules(type: Class): ReadonlyMap<string, Rules> | null {
  const storage = getMetadataStorage();
  const found = storage.groupByPropertyName(storage.getTargetValidationMetadatas(type, '', false, false));
  const strategy = transforms.getStrategy(type);
  const isRenamed = transforms.getExposedMetadatas(type).length > 0;
  if (Object.keys(found).length === 0 || strategy !== 'none' || isRenamed) return null;
  const properties = new Map<string, Rules>();
  for (const [name, said] of Object.entries(found)) properties.set(name, readProperty(type, name, said));
  return properties;
}

function readProperty(type: Class, name: string, said: readonly Found[]): Rules {
  const ofKind = (kind: string): readonly Found[] => said.filter((rule) => rule.type === kind);
  const customs = ofKind(ValidationTypes.CUSTOM_VALIDATION);
  const nesteds = ofKind(ValidationTypes.NESTED_VALIDATION);
  const conditions = ofKind(ValidationTypes.CONDITIONAL_VALIDATION).map(
    ({ constraints }) => constraints[0] as Rules['conditions'][number],
  );
  const odd: Rules = { name, conditions, checks: [], isOdd: true, nested: null, asSent: false };
  const understood = customs.length + nesteds.length + conditions.length + ofKind(ValidationTypes.WHITELIST).length;
  if (understood < said.length || said.some((rule) => rule.validateIf !== undefined || rule.groups?.length > 0))
    return odd;
  if (nesteds.length > 1 || customs.some((rule) => rule.each)) return odd;

  const changes = transforms.findTransformMetadatas(type, name, TransformationType.PLAIN_TO_CLASS);
  const asSent = changes.length === 1 && changes[0]!.transformFn === keepAsSent;
  const typed = transforms.findTypeMetadata(type, name);
  // `@Type` of anything but a nested class makes other values of those that were sent
  if ((changes.length > 0 && !asSent) || (typed !== undefined && !asSent && nesteds.length === 0)) return odd;
  const nestedType = nesteds.length > 0 ? (typed?.typeFunction() as Class | undefined) : undefined;
  if (nesteds.length > 0 && (nestedType === undefined || asSent)) return odd;

  return {
    name,
    conditions,
    isOdd: false,
    checks: customs.flatMap(({ constraintCls, constraints }) =>
      getMetadataStorage()
        .getTargetValidatorConstraints(constraintCls)
        .map(({ instance }) => ({ validate: instance.validate.bind(instance), constraints })),
    ),
    nested: nestedType === undefined ? null : { type: nestedType, isList: nesteds[0]!.each === true },
    asSent,
  };
}
