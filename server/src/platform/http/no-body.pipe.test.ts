import { describe, expect, test } from '@jest/globals';
import { AppError } from '../errors.js';
import { NoBodyPipe } from './no-body.pipe.js';

describe('NoBodyPipe', () => {
  const pipe = new NoBodyPipe();

  test.each([[undefined], [{}]])('takes %j', (body) => expect(pipe.transform(body)).toBeUndefined());

  test.each([[{ env: {} }], [{ toString: 1 }], [null], [[]], [['x']], ['x'], [5]])('refuses %j', (body) => {
    expect(() => pipe.transform(body)).toThrow(AppError);
  });
});
