import { expect, test } from '@jest/globals';
import { checkRevision, parseGitUrl } from './git-url.js';

test.each([
  ['https://example.com/a/b.git', 'https', 'https://example.com/a/b.git'],
  ['http://example.com:8080/a', 'http', 'http://example.com:8080/a'],
  ['https://user:pass@example.com/a', 'https', 'https://example.com/a'],
  ['ssh://git@example.com:22/a', 'ssh', 'ssh://git@example.com:22/a'],
  ['ssh://git:pass@example.com/a', 'ssh', 'ssh://git@example.com/a'],
  ['git@example.com:a/b.git', 'ssh', 'git@example.com:a/b.git'],
  ['example.com:a/b.git', 'ssh', 'example.com:a/b.git'],
])('%s is %s', (text, protocol, url) => {
  expect(parseGitUrl(text, false)).toMatchObject({ protocol, url });
});

test('keeps the credentials apart', () => {
  expect(parseGitUrl('https://me:a%40b@h/x', false).credentials).toEqual({ username: 'me', password: 'a@b' });
  expect(parseGitUrl('https://token@h/x', false).credentials).toEqual({ username: 'token', password: '' });
  expect(parseGitUrl('https://h/x', false).credentials).toBeNull();
});

test.each([
  'ext::sh -c touch% /tmp/x',
  'ext::sh',
  'fd::7',
  'transport::https://example.com',
  'file:///etc',
  '/etc/repo',
  './repo',
  '../repo',
  'repo',
  '-uexec',
  '--upload-pack=x',
  'ssh://-oProxyCommand=x/y',
  'ssh://-oProxyCommand=x@host/y',
  '-oProxyCommand=x:y',
  'git://example.com/a',
  'ftp://example.com/a',
  'javascript:alert(1)//x y',
  'https://',
  'https://exa mple.com/a',
  'https://example.com/a\nb',
  'https://u%0a:p@example.com/a',
  'host::path',
  '',
])('%j is refused', (text) => {
  expect(() => parseGitUrl(text, false)).toThrow(/git url/);
});

test('the refusal does not show a password', () => {
  expect(() => parseGitUrl('ftp://me:hunter2@example.com/a', false)).toThrow(/^(?!.*hunter2)/);
});

test('a setting allows local urls', () => {
  expect(parseGitUrl('file:///srv/a', true).protocol).toBe('file');
  expect(parseGitUrl('/srv/a', true).protocol).toBe('file');
  expect(() => parseGitUrl('ext::sh', true)).toThrow();
});

test.each(['main', 'v1.0.0', 'feature/x-1', 'refs/heads/main', 'a'.repeat(40), 'ünï', 'HEAD', 'fix#12'])(
  '%s is a revision',
  (name) => {
    expect(checkRevision(name)).toBe(name);
  },
);

test.each([
  '',
  '-x',
  '--upload-pack=x',
  '+a',
  'a:b',
  'a..b',
  'a b',
  'a~1',
  'a^',
  'a*',
  'a?',
  'a[b',
  'a\\b',
  '@{1}',
  'a\0',
  'a\n',
  '/a',
  'a/',
  'a//b',
  'a.lock',
  '.a',
  'a/.b',
])('%j is none', (name) => {
  expect(() => checkRevision(name)).toThrow('not the name');
});
