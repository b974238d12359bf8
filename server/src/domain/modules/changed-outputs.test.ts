import { describe, expect, test } from '@jest/globals';
import { canonicalJson, changedOutputs, type OutputText } from './changed-outputs.js';

const open = (json: string | null): OutputText => ({ json, sensitive: false });
const secret = (json: string | null): OutputText => ({ json, sensitive: true });
const changes = (before: Record<string, OutputText>, after: Record<string, OutputText>) =>
  changedOutputs(new Map(Object.entries(before)), new Map(Object.entries(after)));

describe('changedOutputs', () => {
  test('names what is new, different and gone', () => {
    const before = { same: open('1'), other: open('1'), gone: open('1') };
    const after = { zone: open('1'), same: open('1'), other: open('2') };
    expect(changes(before, after)).toEqual({ written: ['other', 'zone'], removed: ['gone'] });
    expect(changes(after, after)).toEqual({ written: [], removed: [] });
    expect(changes({}, {})).toEqual({ written: [], removed: [] });
  });

  test('an output that becomes sensitive, or is it no more, has changed', () => {
    expect(changes({ a: open('1') }, { a: secret('1') }).written).toEqual(['a']);
    expect(changes({ a: secret('1') }, { a: open('1') }).written).toEqual(['a']);
    expect(changes({ a: secret('1') }, { a: secret('1') }).written).toEqual([]);
  });

  test('one that cannot be read any more is written anew', () => {
    expect(changes({ a: secret(null) }, { a: secret('1') }).written).toEqual(['a']);
  });
});

test('canonicalJson is the same for the same value', () => {
  expect(canonicalJson({ b: [{ d: 1, c: -0 }], a: null })).toBe('{"a":null,"b":[{"c":0,"d":1}]}');
  expect(canonicalJson({ 10: 'x', 9: 'y' })).toBe(canonicalJson({ 9: 'y', 10: 'x' }));
  expect(canonicalJson('a\ud800')).toBe('"a\\ud800"');
});
