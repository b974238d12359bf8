import { describe, expect, test } from '@jest/globals';
import type { AppError } from '../errors.js';
import { parseJsonBody } from './json-body.js';

function codeOf(body: string | Buffer): string {
  try {
    parseJsonBody(Buffer.from(body as string));
  } catch (error) {
    return (error as AppError).code;
  }
  return 'accepted';
}

describe('parseJsonBody', () => {
  test('reads JSON, and an empty body as none', () => {
    expect(parseJsonBody(Buffer.from('{"a":[1,"ü",null]}'))).toEqual({ a: [1, 'ü', null] });
    expect(parseJsonBody(Buffer.alloc(0))).toBeUndefined();
  });

  test.each(['{', '{"a":1}}', 'undefined', "{'a':1}", '{"a":NaN}'])('refuses what is no JSON: %s', (body) => {
    expect(codeOf(body)).toBe('malformed_json');
  });

  test('refuses bytes that are no UTF-8', () => {
    expect(codeOf(Buffer.from([0x22, 0xff, 0xfe, 0x22]))).toBe('malformed_json');
  });

  test.each(['__proto__', 'constructor', 'prototype'])('refuses the key %s at any depth', (key) => {
    expect(codeOf(`{"${key}":1}`)).toBe('forbidden_property');
    expect(codeOf(`{"a":[{"b":{"${key}":{}}}]}`)).toBe('forbidden_property');
  });

  test('refuses a dangerous key that is spelled with escapes', () => {
    expect(codeOf('{"\\u005f_proto__":1}')).toBe('forbidden_property');
  });

  test.each(['"a\\u0000b"', '{"a\\u0000":1}', '["\\ud800"]', '{"x":"\\udc00\\ud800"}'])(
    'refuses text that PostgreSQL cannot store: %s',
    (body) => expect(codeOf(body)).toBe('forbidden_character'),
  );

  test('takes whole surrogate pairs', () => {
    expect(parseJsonBody(Buffer.from('"\\ud83d\\ude00"'))).toBe('😀');
  });

  test('takes 32 levels and refuses 33, however deep the rest is', () => {
    expect(codeOf('['.repeat(32) + ']'.repeat(32))).toBe('accepted');
    expect(codeOf('['.repeat(33) + ']'.repeat(33))).toBe('too_deep');
    expect(codeOf('['.repeat(200_000) + ']'.repeat(200_000))).toBe('too_deep');
  });
});
