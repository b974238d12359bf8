import { describe, expect, test } from '@jest/globals';
import { isFromTheEnd, logRangeOf } from './log-range.js';

describe('logRangeOf', () => {
  test.each([
    ['everything', {}, { after: 0, before: 101, limit: Infinity, step: null }],
    ['a page', { after: 10, limit: 5 }, { after: 10, before: 101, limit: 5, step: null }],
    ['between', { after: 10, before: 20 }, { after: 10, before: 20, limit: Infinity, step: null }],
    ['the end', { tail: 30 }, { after: 70, before: 101, limit: Infinity, step: null }],
    ['more of the end than there is', { tail: 300 }, { after: 0, before: 101, limit: Infinity, step: null }],
    ['the page above a line', { before: 50, limit: 10 }, { after: 39, before: 50, limit: 10, step: null }],
    ['the page above a line to come', { before: 500, limit: 10 }, { after: 90, before: 101, limit: 10, step: null }],
    ['a page of a step', { after: 5, limit: 9, step: 2 }, { after: 5, before: 101, limit: 9, step: 2 }],
    ['the end of a step', { tail: 30, step: 2 }, { last: 30, before: 101, step: 2 }],
    ['the page of a step above a line', { before: 50, limit: 10, step: -1 }, { last: 10, before: 50, step: -1 }],
  ])('%s', (_what, request, range) => expect(logRangeOf(request, 100)).toEqual(range));

  test('refuses a tail of something else', () => {
    expect(() => logRangeOf({ tail: 1, after: 1 }, 100)).toThrow('tail');
  });
});

test.each([
  [{}, false],
  [{ after: 1, limit: 5 }, false],
  [{ after: 1, before: 9, limit: 5 }, false],
  [{ before: 9 }, false],
  [{ before: 9, limit: 5 }, true],
  [{ tail: 5 }, true],
])('%j counts from the end: %s', (request, is) => expect(isFromTheEnd(request)).toBe(is));
