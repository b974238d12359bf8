import { describe, expect, test } from '@jest/globals';
import { problemOfEnvironment, problemOfSecrets } from './environment.js';
import { problemOfEnvironmentName } from './environment-names.js';
import { problemOfFiles } from './files.js';
import { problemOfGitUrl, problemOfRevision, problemOfVersions } from './git-source.js';
import { JOB_LIMITS } from './job-limits.js';
import { problemOfLabels, problemOfTools } from './requirements.js';
import { problemOfRelativePath } from './safe-path.js';
import { problemOfLine, problemOfText } from './safe-text.js';
import { problemOfScript } from './script.js';

describe('names of the environment', () => {
  test.each(['CI', 'PATH', 'HOME', '_x', 'a1', 'TF_VAR_zone', 'LDFLAGS', 'GITHUB_TOKEN', 'ENVIRONMENT'])(
    'may be %s',
    (name) => expect(problemOfEnvironmentName(name)).toBeNull(),
  );

  test.each([
    ...['LD_PRELOAD', 'LD_AUDIT', 'DYLD_INSERT_LIBRARIES', 'NODE_OPTIONS', 'BASH_ENV', 'ENV', 'PYTHONPATH', 'PERL5OPT'],
    ...[
      'GIT_SSH_COMMAND',
      'GIT_CONFIG_COUNT',
      'DIBS_JOB_ID',
      'DIBS_X',
      'PROMPT_COMMAND',
      'RUBYOPT',
      'JAVA_TOOL_OPTIONS',
    ],
    ...['', '1A', 'A-B', 'A B', 'A=B', 'Ä', 'A\0B', 'A\n', 'BASH_FUNC_x%%', 'A'.repeat(257)],
  ])('may not be %j', (name) => expect(problemOfEnvironmentName(name)).not.toBeNull());
});

describe('environment and secrets', () => {
  test.each([
    ['no object', ['A']],
    ['null', null],
    ['a number', { A: 1 }],
    ['NUL', { A: 'a\0b' }],
    ['half a surrogate pair', { A: '\ud800' }],
    ['a value that is too long', { A: 'x'.repeat(JOB_LIMITS.environmentValueBytes + 1) }],
    ['too many entries', Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`A${index}`, '']))],
    ['too much in sum', Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`A${index}`, 'x'.repeat(32_000)]))],
  ])('refuses %s', (_what, value) => expect(problemOfEnvironment(value)).not.toBeNull());

  test('takes what is allowed, empty values included', () => {
    expect(problemOfEnvironment({ A: '', B: 'ü\n', toString: 'x' })).toBeNull();
    expect(problemOfSecrets({ TOKEN: 'abcd' })).toBeNull();
  });

  test('refuses a secret that cannot be masked, and does not repeat it', () => {
    const problem = problemOfSecrets({ TOKEN: 'abc' });
    expect(problem).toContain('TOKEN');
    expect(problem).not.toContain('abc');
    expect(problemOfSecrets({ TOKEN: '      ' })).not.toBeNull();
    expect(problemOfSecrets({ TOKEN: 'long enough\0' })).not.toContain('long enough');
  });
});

describe('paths', () => {
  test.each(['a', 'a/b.txt', '.gitignore', '.github/workflows/x.yml', 'a b', 'ü/…', 'x..y', '...'])(
    'may be %s',
    (path) => expect(problemOfRelativePath(path)).toBeNull(),
  );

  test.each([
    ...['', '/etc/passwd', '..', '../x', 'a/../b', 'a/..', './a', 'a//b', 'a/', 'C:/x', 'c:x', 'a\\b', '..\\x', 'a\0b'],
    ...[
      '.git',
      '.git/hooks/post-checkout',
      'sub/.GIT/config',
      '.git./x',
      '.git /x',
      'git~1/config',
      '.g\u200cit/config',
    ],
    ...['.git::$INDEX_ALLOCATION/x', 'a\nb', 'a\u001b[31m', 'x'.repeat(513)],
  ])('may not be %j', (path) => expect(problemOfRelativePath(path)).not.toBeNull());
});

describe('files', () => {
  const file = { path: 'a', content: 'x' };
  test('takes ordinary files', () => {
    expect(problemOfFiles([file, { path: 'b/c', content: '' }, { path: 'b/d', content: '' }])).toBeNull();
  });

  test.each([
    ['no array', file],
    ['no object', ['a']],
    ['a missing content', [{ path: 'a' }]],
    ['other properties', [{ ...file, mode: '0777' }]],
    ['the same path twice', [file, file]],
    ['a file that is a folder', [file, { path: 'a/b', content: '' }]],
    ['NUL', [{ path: 'a', content: '\0' }]],
    ['a way out', [{ path: '../a', content: '' }]],
    ['too many', Array.from({ length: 101 }, (_, index) => ({ path: `f${index}`, content: '' }))],
    ['too much', [{ path: 'a', content: 'ü'.repeat(JOB_LIMITS.filesBytes / 2 + 1) }]],
  ])('refuses %s', (_what, value) => expect(problemOfFiles(value)).not.toBeNull());
});

describe('git sources', () => {
  test.each([
    ...['https://github.com/a/b.git', 'http://127.0.0.1:8080/r.git', 'ssh://git@host:22/a/b', 'git@github.com:a/b.git'],
    ...['https://[::1]/a', 'user@host.example:path/to/repo'],
  ])('may come from %s', (url) => expect(problemOfGitUrl(url)).toBeNull());

  test.each([
    ...['ext::sh -c touch% /tmp/x', 'ext::sh', 'file:///etc', '/etc', '../x', 'git://host/x', 'ftp://host/x'],
    ...['--upload-pack=touch /tmp/x', '-u', 'https://', 'https:///x', 'https://-x/y', 'ssh://-oProxyCommand=x/y'],
    ...['ssh://-oProxyCommand=x@host/y', 'https://user:password@host/x', 'https://token@host/x', 'javascript:x', ''],
    ...['git@host:-x', 'git@-host:x', 'host:path', 'https://a b/c', 'https://a/\0', 'fd::17', 'HTTPS+ext::x'],
    `https://${'x'.repeat(2048)}`,
  ])('may not come from %j', (url) => expect(problemOfGitUrl(url)).not.toBeNull());

  test.each(['main', 'feature/x', 'v1.2.3', 'a'.repeat(40), 'refs/heads/main', 'ümläut'])('may be at %s', (revision) =>
    expect(problemOfRevision(revision)).toBeNull(),
  );

  test.each([
    ...['', '-x', '--upload-pack=x', 'a..b', 'a b', 'a~1', 'a^', 'a:b', 'a?', 'a*', 'a[b', 'a\\b', '@{-1}', '/a', 'a/'],
    ...['a//b', 'a.lock', 'a\0b', 'x'.repeat(256)],
  ])('may not be at %j', (revision) => expect(problemOfRevision(revision)).not.toBeNull());

  test('may be at the newest version of a range, but not beside a revision', () => {
    for (const range of ['^1.2', '>=1.5 <2', '1.x || 3']) expect(problemOfVersions(range, {})).toBeNull();
    expect(problemOfVersions('^1.2', { revision: null })).toBeNull();
    expect(problemOfVersions('^1.2', { revision: 'main' })).toContain('beside a revision');
    for (const range of ['', ' ', 'latest', '>=', 7, '1'.repeat(200)]) {
      expect(problemOfVersions(range, {})).toContain('range of versions');
    }
  });
});

describe('requirements', () => {
  test('takes names and labels', () => {
    expect(problemOfTools(['terraform', 'g++', 'python3.12'])).toBeNull();
    expect(problemOfTools(['terraform@>=1.5 <2', 'node@20', 'helm@^3 || ~2.17'])).toBeNull();
    expect(problemOfLabels({ zone: 'eu', 'example.com/disk': '' })).toBeNull();
  });
  test.each([
    ['no array', 'git'],
    ['a path', ['/bin/sh']],
    ['an option', ['-x']],
    ['a number', [1]],
    ['many', Array(51).fill('a')],
    ['a range nobody can read', ['terraform@newest']],
    ['an empty range', ['terraform@']],
    ['a range without a name', ['@1']],
    ['a second @', ['terraform@1@2']],
    ['an endless range', [`terraform@${'1 || '.repeat(1000)}1`]],
    ['a line break in a range', ['terraform@1\r\nX: y']],
  ])('refuses tools: %s', (_what, tools) => expect(problemOfTools(tools)).not.toBeNull());

  test('says which range cannot be read, without what would end up in a terminal', () => {
    expect(problemOfTools(['git', 'terraform@newest'])).toContain('terraform@newest');
    expect(problemOfTools(['terraform@\u001b]8;;x'])).not.toContain('\u001b');
  });
  test.each([
    ['an array', ['a']],
    ['a number', { a: 1 }],
    ['a bad key', { 'a b': '' }],
    ['control', { a: '\u001b' }],
  ])('refuses labels: %s', (_what, labels) => expect(problemOfLabels(labels)).not.toBeNull());
});

describe('texts', () => {
  test('lines may not steer a terminal, scripts may have line ends', () => {
    expect(problemOfLine('a\u001b[2J')).not.toBeNull();
    expect(problemOfLine('a\nb')).not.toBeNull();
    expect(problemOfText('a\nb\u001b')).toBeNull();
    expect(problemOfScript('echo a\necho b')).toBeNull();
    expect(problemOfScript(' \n ')).not.toBeNull();
    expect(problemOfScript('x'.repeat(JOB_LIMITS.runBytes + 1))).not.toBeNull();
  });
});
