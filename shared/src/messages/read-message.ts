import { validateSync, type ValidationError } from 'class-validator';
import { nestedClassesOf, type MessageClass } from './list-of.js';
import { isPlainObject } from './plain-object.js';

export type ReadMessage<Message> =
  | { readonly ok: true; readonly message: Message }
  /** What is wrong, without repeating any value: it may be a secret. */
  | { readonly ok: false; readonly problem: string };

const STRICT = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true, stopAtFirstError: true };

/** Reads what came over the wire as a message of this class: every property known, present and within its bounds. */
export function readMessage<Message extends object>(
  messageClass: MessageClass<Message>,
  value: unknown,
): ReadMessage<Message> {
  if (!isPlainObject(value)) return { ok: false, problem: 'The message must be an object.' };
  const message = instanceOf(messageClass, value);
  const [error] = validateSync(message, STRICT);
  return error === undefined ? { ok: true, message } : { ok: false, problem: `${firstProblem(error)}.` };
}

/**
 * plainToInstance would do the same at twice the cost, and it turns an array inside a list into an empty list that
 * passes validation. What is no plain object stays what it is and is refused by `ListOf`.
 */
function instanceOf<Message extends object>(messageClass: MessageClass<Message>, value: object): Message {
  const message = new messageClass();
  // defineProperty semantics, so that an own `__proto__` is an unknown property and not a new prototype
  for (const [key, own] of Object.entries(value)) {
    Object.defineProperty(message, key, { value: own, enumerable: true, writable: true, configurable: true });
  }
  for (const [property, nested] of nestedClassesOf(messageClass)) {
    const list = (message as Record<string, unknown>)[property];
    if (!Array.isArray(list)) continue;
    const items = list.map((item: unknown) => (isPlainObject(item) ? instanceOf(nested, item) : item));
    (message as Record<string, unknown>)[property] = items;
  }
  return message;
}

function firstProblem(error: ValidationError, path = ''): string {
  const inner = error.children?.[0];
  if (inner) return firstProblem(inner, `${path}${error.property}.`);
  const [text = 'is not valid'] = Object.values(error.constraints ?? {});
  return `${path}${text}`;
}
