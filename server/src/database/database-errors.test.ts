import { describe, expect, test } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { isDatabaseUnavailable, isLockTimeout, isTransient, isUniqueViolation } from './database-errors.js';

const withCode = (code: string, message = 'x'): Error => Object.assign(new Error(message), { code });

describe('database errors', () => {
  test.each(['ECONNREFUSED', 'ECONNRESET', '57P01', '57P03', '08006', '53300', '53100'])(
    '%s means the database cannot answer now',
    (code) => expect(isDatabaseUnavailable(withCode(code))).toBe(true),
  );

  test.each(['Connection terminated unexpectedly', 'Query read timeout', 'timeout exceeded when trying to connect'])(
    'so does "%s", which has no code',
    (message) => expect(isDatabaseUnavailable(new Error(message))).toBe(true),
  );

  test('what went wrong with a statement does not', () => {
    for (const code of ['23505', '42601', '57014', '40001']) expect(isDatabaseUnavailable(withCode(code))).toBe(false);
    expect(isDatabaseUnavailable(new Error('undefined is not a function'))).toBe(false);
    expect(isDatabaseUnavailable('ECONNREFUSED')).toBe(false);
  });

  test('they are found inside wrappers', () => {
    const query = new QueryFailedError('INSERT', [], withCode('23505'));
    expect(isUniqueViolation(query)).toBe(true);
    expect(isUniqueViolation(new Error('outer', { cause: query }))).toBe(true);
    expect(isDatabaseUnavailable(new AggregateError([withCode('ECONNREFUSED')]))).toBe(true);
  });

  test('only deadlocks and serialization failures are worth the same try again', () => {
    expect(['40001', '40P01'].every((code) => isTransient(withCode(code)))).toBe(true);
    expect(isTransient(withCode('23505'))).toBe(false);
    expect(isTransient(withCode('55P03'))).toBe(false);
    expect(isLockTimeout(withCode('55P03'))).toBe(true);
  });
});
