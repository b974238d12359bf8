import { Transform, Type } from 'class-transformer';
import { applyDecorators } from '@nestjs/common';

/**
 * Keeps an object with free keys as it was sent. Without it class-transformer copies key by key, and takes a key called
 * `constructor` for the class of the copy (a crash) or drops it in silence.
 */
export function AsSent(): PropertyDecorator {
  return applyDecorators(
    Type(() => Object),
    Transform(({ obj, key }) => (obj as Record<string, unknown>)[key]),
  );
}
