import { applyDecorators } from '@nestjs/common';
import { Transform, Type, type TransformFnParams } from 'class-transformer';

/**
 * Keeps an object with free keys as it was sent. Without it class-transformer copies key by key, and takes a key called
 * `constructor` for the class of the copy (a crash) or drops it in silence.
 */
export function AsSent(): PropertyDecorator {
  return applyDecorators(
    Type(() => Object),
    Transform(keepAsSent),
  );
}

/** What marks such a property. */
export function keepAsSent({ obj, key }: TransformFnParams): unknown {
  return (obj as Record<string, unknown>)[key];
}
