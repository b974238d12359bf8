import { describe, expect, test } from '@jest/globals';
import { booleanArray, numberArray, textArray } from './array-literals.js';

describe('array literals', () => {
  test('keep texts apart from NULL and from the syntax around them', () => {
    expect(textArray([])).toBe('{}');
    expect(textArray(['a', null, 'NULL', '', 'b,{c}'])).toBe('{"a",NULL,"NULL","","b,{c}"}');
    expect(textArray(['say "hi"', '\\'])).toBe('{"say \\"hi\\"","\\\\"}');
  });

  test('write numbers and booleans bare', () => {
    expect(numberArray([1, null, -2])).toBe('{1,NULL,-2}');
    expect(booleanArray([true, false])).toBe('{true,false}');
  });
});
