import { Injectable, type PipeTransform } from '@nestjs/common';
import { badRequest } from '../errors.js';

/**
 * For calls that take no body: nothing and `{}` are fine. A property that is ignored in silence would let its sender
 * believe that it did something.
 */
@Injectable()
export class NoBodyPipe implements PipeTransform<unknown, undefined> {
  transform(body: unknown): undefined {
    if (body === undefined) return undefined;
    const names = typeof body === 'object' && body !== null ? Object.keys(body) : ['body'];
    const [first] = names;
    if (first === undefined && !Array.isArray(body)) return undefined;
    const errors = names.map((path) => ({ path, message: `${path} is not known here` }));
    throw badRequest('validation_failed', 'This call takes no body.', errors);
  }
}
