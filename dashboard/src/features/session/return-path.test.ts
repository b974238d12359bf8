import { expect, test } from '@jest/globals';
import { returnPath, signInPath } from './return-path';

test.each(['/jobs/1?attempt=2#L7', '/runners'])('%s is a page of ours', (path) => {
  expect(returnPath(path)).toBe(path);
});

test.each([
  null,
  '',
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  'javascript:alert(1)',
  '/sign-in',
])('%j leads to the overview', (path) => {
  expect(returnPath(path)).toBe('/overview');
});

test('the way back survives the address bar', () => {
  const path = '/jobs/1?attempt=2#L7';
  const search = new URL(signInPath(path), 'http://dashboard').searchParams;
  expect(returnPath(search.get('next'))).toBe(path);
});
