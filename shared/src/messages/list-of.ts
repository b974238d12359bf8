import { ArrayMaxSize, IsArray, IsInstance, ValidateNested } from 'class-validator';

export type MessageClass<Message extends object = object> = new () => Message;

/** Which properties of a message class are lists of another one. */
const nestedClasses = new Map<object, Map<string, MessageClass>>();

/** A list of at most `maxSize` messages of another class. */
export function ListOf(itemClass: MessageClass, maxSize: number): PropertyDecorator {
  return (prototype, property) => {
    const each = { each: true, message: `$property must hold ${itemClass.name.replace(/Message$/, '')} objects` };
    for (const rule of [
      IsArray(),
      ArrayMaxSize(maxSize),
      IsInstance(itemClass, each),
      ValidateNested({ each: true }),
    ]) {
      rule(prototype, property);
    }
    const own = nestedClasses.get(prototype) ?? new Map<string, MessageClass>();
    nestedClasses.set(prototype, own.set(String(property), itemClass));
  };
}

export function nestedClassesOf(messageClass: MessageClass): Iterable<readonly [string, MessageClass]> {
  return nestedClasses.get(messageClass.prototype as object) ?? [];
}
