import { describe, expect, test } from '@jest/globals';
import type { JobId } from '@dibs/shared';
import { behind, fromCursor, toCursor, within } from './search-position.js';

const ID = '019a0f2e-7c1b-7def-8a11-0123456789ff' as JobId;

describe('a position', () => {
  test.each([behind(ID), within(ID, 3, 1_234_567)])('comes back from its cursor', (position) => {
    expect(fromCursor(toCursor(position))).toEqual(position);
  });

  test('within a job begins with that job', () => {
    expect(within(ID, 1, 1).before).toBe('019a0f2e-7c1b-7def-8a11-012345678a00');
  });

  test.each(['', 'x', Buffer.from('1 2 3').toString('base64url'), Buffer.from(`${ID} 1`).toString('base64url')])(
    'refuses %p',
    (cursor) => expect(() => fromCursor(cursor)).toThrow('invalid_cursor'),
  );
});
