import { describe, expect, test } from '@jest/globals';
import { logRangeOf } from './log-range.js';

describe('logRangeOf', () => {
  test.each([
    ['everything', {}, { after: 0, before: Infinity, limit: Infinity }],
    ['a page', { after: 10, limit: 5 }, { after: 10, before: Infinity, limit: 5 }],
    ['between', { after: 10, before: 20 }, { after: 10, before: 20, limit: Infinity }],
    ['the end', { tail: 30 }, { after: 70, before: Infinity, limit: Infinity }],
    ['more of the end than there is', { tail: 300 }, { after: 0, before: Infinity, limit: Infinity }],
    ['the page above a line', { before: 50, limit: 10 }, { after: 39, before: 50, limit: 10 }],
    ['the page above a line that is not there', { before: 500, limit: 10 }, { after: 90, before: 500, limit: 10 }],
  ])('%s', (_what, request, range) => expect(logRangeOf(request, 100)).toEqual(range));

  test('refuses a tail of something else', () => {
    expect(() => logRangeOf({ tail: 1, after: 1 }, 100)).toThrow('tail');
  });
});
