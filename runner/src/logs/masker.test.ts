import { expect, test } from '@jest/globals';
import { Masker } from './masker.js';

test.each([
  ['as it is', 'token=s3cr3t/+value!', 'token=***'],
  ['twice', 's3cr3t/+value! s3cr3t/+value!', '*** ***'],
  ['base64', Buffer.from('s3cr3t/+value!').toString('base64'), '***='],
  ['base64url', Buffer.from('s3cr3t/+value!').toString('base64url'), '***'],
  ['hex', Buffer.from('s3cr3t/+value!').toString('hex'), '***'],
  ['upper case hex', Buffer.from('s3cr3t/+value!').toString('hex').toUpperCase(), '***'],
  ['URL', encodeURIComponent('s3cr3t/+value!'), '***'],
  ['form', String(new URLSearchParams({ a: 's3cr3t/+value!' })), 'a=***'],
])('masks a value %s', (_how, line, masked) => {
  expect(new Masker({ TOKEN: 's3cr3t/+value!' }).mask(line)).toBe(masked);
});

test('masks each line of a multi-line value, and its JSON form', () => {
  const key = '-----BEGIN KEY-----\nabcdefgh\n-----END KEY-----\n';
  const masker = new Masker({ KEY: key });
  expect(masker.mask('> abcdefgh <')).toBe('> *** <');
  expect(masker.mask(JSON.stringify({ key }))).toBe('{"key":"***"}');
  expect(masker.mask('-----BEGIN KEY-----')).toBe('***');
});

test('masks the longer of two values that contain each other', () => {
  expect(new Masker({ A: 'pass', B: 'password-long' }).mask('password-long pass')).toBe('*** ***');
});

test('takes values literally', () => {
  const masker = new Masker({ A: 'a.*b', B: '(x|y)[0-9]' });
  expect(masker.mask('axxb a.*b (x|y)[0-9] x5')).toBe('axxb *** *** x5');
});

test('leaves lines alone without secrets, and with values that are too short', () => {
  expect(new Masker({}).mask('anything')).toBe('anything');
  expect(new Masker({ A: 'abc', B: '', C: '   \n ' }).mask('abc    x')).toBe('abc    x');
});
