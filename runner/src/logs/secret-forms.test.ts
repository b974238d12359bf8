import { describe, expect, test } from '@jest/globals';
import { formsOf, isMaskable } from './secret-forms.js';

const VALUE = 's3cr3t/+väl<ue>!';

describe('a value is looked for', () => {
  test.each([
    ['as it is', VALUE],
    ['in base64', Buffer.from(VALUE).toString('base64')],
    ['in base64 for URLs', Buffer.from(VALUE).toString('base64url')],
    ['in hex', Buffer.from(VALUE).toString('hex')],
    ['in upper case hex', Buffer.from(VALUE).toString('hex').toUpperCase()],
    ['in a URL', 's3cr3t%2F%2Bv%C3%A4l%3Cue%3E!'],
    ['in a URL with lower case escapes', 's3cr3t%2f%2bv%c3%a4l%3cue%3e!'],
    ['in a URL with all reserved characters escaped', 's3cr3t%2F%2Bv%C3%A4l%3Cue%3E%21'],
    ['in a path', 's3cr3t/%2Bv%C3%A4l%3Cue%3E%21'],
    ['in JSON', VALUE],
    ['in JSON that escapes slashes', 's3cr3t\\/+väl<ue>!'],
    ['in JSON that is ASCII', 's3cr3t/+v\\u00e4l<ue>!'],
    ['in JSON that is ASCII in upper case', 's3cr3t/+v\\u00E4l<ue>!'],
    ['in JSON that is safe in HTML', 's3cr3t/+väl\\u003cue\\u003e!'],
  ])('%s', (_how, form) => {
    expect(formsOf(VALUE)).toContain(form);
  });

  test('in the form of a form', () => {
    expect(formsOf('two words')).toContain('two+words');
    expect(formsOf('two words')).toContain('two%20words');
  });
});

test('base64 of whatever contains the value contains one of the forms', () => {
  const forms = [...formsOf('hunter2')];
  for (let before = 0; before < 6; before++) {
    for (let after = 0; after < 6; after++) {
      const around = Buffer.from(`${'x'.repeat(before)}hunter2${'y'.repeat(after)}`);
      for (const alphabet of ['base64', 'base64url'] as const) {
        const encoded = around.toString(alphabet);
        // all but the characters that the value shares with its neighbours
        const longest = Math.max(...forms.filter((form) => encoded.includes(form)).map(({ length }) => length));
        expect(longest).toBeGreaterThanOrEqual(8);
      }
    }
  }
});

test('each line that is long enough, and the whole from the first of them on', () => {
  const forms = formsOf('{\n  "key": "abc",\r\n}\n');
  expect(forms).toContain('"key": "abc",');
  expect(forms).toContain('"key": "abc",\n}');
  expect(forms).toContain('"key": "abc",\r\n}');
  expect([...forms].filter((form) => /^\s|^\{$/.test(form))).toEqual([]);
  expect(formsOf('ab\ncd')).toContain('ab\ncd');
});

test('base64 that is broken into lines', () => {
  const value = 'ab'.repeat(50);
  const encoded = Buffer.from(value).toString('base64');
  const certain = encoded.slice(0, 133);
  for (const width of [64, 76]) expect(formsOf(value)).toContain(encoded.slice(0, width));
  expect(formsOf(value)).toContain(`${certain.slice(0, 64)}\n${certain.slice(64, 128)}\n${certain.slice(128)}`);
});

test('nothing that is too short', () => {
  for (const value of ['', 'abc', '  abc \n', ' \n\n  ']) {
    expect(isMaskable(value)).toBe(false);
    expect(formsOf(value).size).toBe(0);
  }
  expect(isMaskable('abcd')).toBe(true);
  for (const form of formsOf('abcd')) expect(form.length).toBeGreaterThanOrEqual(4);
});

test('half a surrogate pair is no obstacle', () => {
  expect(formsOf('abc\ud800')).toContain('abc%EF%BF%BD');
});
