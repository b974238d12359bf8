import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import type { PropertyProblem } from '@dibs/shared';
import { badRequest } from '../errors.js';

/** Bodies and queries must be what their class says and nothing more; each wrong property is named. */
export function createValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    // what was sent may be a secret: it must not come back in an error or reach a log
    validationError: { target: false, value: false },
    exceptionFactory: (found) => {
      const errors = flattenValidationErrors(found);
      return badRequest('validation_failed', `${errors.length} wrong or unknown properties.`, errors);
    },
  });
}

/** @returns one entry per wrong property, with paths as in `steps[0].run` */
export function flattenValidationErrors(found: readonly ValidationError[], parent = ''): PropertyProblem[] {
  return found.flatMap((error) => {
    const path = join(parent, error.property);
    const own = Object.values(error.constraints ?? {}).map((message) => ({ path, message }));
    return [...own, ...flattenValidationErrors(error.children ?? [], path)];
  });
}

function join(parent: string, property: string): string {
  if (/^\d+$/.test(property)) return `${parent}[${property}]`;
  return parent === '' ? property : `${parent}.${property}`;
}
