import { ValidationPipe } from '@nestjs/common';
import type { ArgumentMetadata } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import type { PropertyProblem } from '@dibs/shared';
import { badRequest } from '../errors.js';
import type { AppError } from '../errors.js';
import { quickInstance } from './quick-check.js';

/** What every object has without being given it; class-validator and class-transformer take these for known. */
const INHERITED_NAMES: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Bodies and queries must be what their class says and nothing more; each wrong property is named. */
export function createValidationPipe(): ValidationPipe {
  return new RequestValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    // what was sent may be a secret: it must not come back in an error or reach a log
    validationError: { target: false, value: false },
    exceptionFactory: (found) => validationFailed(flattenValidationErrors(found)),
  });
}

class RequestValidationPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // messages of the sockets come through here too; they are checked, and answered, by their gateways
    if (!this.toValidate(metadata)) return super.transform(value, metadata);
    if (metadata.type === 'body' && value !== undefined && !isPlainObject(value)) {
      throw badRequest('validation_failed', 'The body must be a JSON object.');
    }
    const quick =
      (metadata.type === 'body' || metadata.type === 'query') &&
      quickInstance(metadata.metatype as new () => object, value);
    if (quick) return quick;
    const doubtful = hasInheritedName(value) ? pathsOfInheritedNames(value) : [];
    const valid: unknown = await super.transform(value, metadata);
    const dropped = doubtful.filter((path) => !wasKept(valid, path));
    if (dropped.length > 0) throw validationFailed(dropped.map((path) => unknownProperty(inText(path), path.at(-1)!)));
    return valid;
  }
}

/** Hardly ever: without making anything, as every request is asked. */
function hasInheritedName(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  for (const name in value) {
    if (INHERITED_NAMES.has(name) || hasInheritedName((value as Record<string, unknown>)[name])) return true;
  }
  return false;
}

/** @returns where in the value a property has a name of `INHERITED_NAMES` */
function pathsOfInheritedNames(value: unknown, parent: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const path = [...parent, name];
    return [...(INHERITED_NAMES.has(name) ? [path] : []), ...pathsOfInheritedNames(item, path)];
  });
}

/** Objects with free keys, as an environment, are kept as they were sent; those of a class lose such properties. */
function wasKept(valid: unknown, path: readonly string[]): boolean {
  const owner = path.slice(0, -1).reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], valid);
  return Object.hasOwn(owner as object, path.at(-1)!);
}

function inText(path: readonly string[]): string {
  return path.reduce(join, '');
}

/** @returns one entry per wrong property, with paths as in `steps[0].run` */
export function flattenValidationErrors(found: readonly ValidationError[], parent = ''): PropertyProblem[] {
  return found.flatMap((error) => {
    const path = join(parent, error.property);
    const own = Object.entries(error.constraints ?? {}).map(([rule, message]) =>
      rule === 'whitelistValidation' ? unknownProperty(path, error.property) : { path, message },
    );
    return [...own, ...flattenValidationErrors(error.children ?? [], path)];
  });
}

/** The first problem is told in `detail` as well: many callers print nothing else. */
function validationFailed(problems: readonly PropertyProblem[]): AppError {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more: see errors)` : '';
  const detail = first === undefined ? 'The request is not valid.' : `${inWords(first)}${more}.`;
  return badRequest('validation_failed', detail, problems);
}

/** Messages begin with the bare name of the property; in a sentence of its own its whole path is clearer. */
function inWords({ path, message }: PropertyProblem): string {
  const name = path.slice(path.lastIndexOf('.') + 1);
  return message.startsWith(`${name} `) ? `${path}${message.slice(name.length)}` : `${path}: ${message}`;
}

function unknownProperty(path: string, name: string): PropertyProblem {
  return { path, message: `${name} is not known here` };
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(parent: string, property: string): string {
  if (/^\d+$/.test(property)) return `${parent}[${property}]`;
  return parent === '' ? property : `${parent}.${property}`;
}
