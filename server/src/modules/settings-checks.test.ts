import { describe, expect, test } from '@jest/globals';
import { JOB_LIMITS } from '../jobs/spec/job-limits.js';
import { problemOfHooks } from './hooks.js';
import { problemOfBackend, problemOfWorkspace } from './backend-settings.js';
import { problemOfFlags, problemOfFlagsOf } from './engine-flags.js';
import { problemOfInputEnvironment, problemOfVariables } from './inputs.js';
import { problemOfModuleFiles, problemOfPathsTogether } from './module-files.js';
import { problemOfSettings } from './settings-limits.js';

const ID = '0197a000-0000-7000-8000-000000000001';

describe('inputs', () => {
  test('may be of every type, and taken away again', () => {
    const inputs = {
      a: { type: 'literal', value: '' },
      b: { type: 'secret', value: 'long enough' },
      c: { type: 'output', moduleId: ID, output: 'vpc-id' },
      d: { type: 'namespace', name: 'region' },
      e: { type: 'none' },
      f: null,
    };
    expect([problemOfVariables(inputs), problemOfInputEnvironment(inputs)]).toEqual([null, null]);
  });

  test.each<[string, unknown]>([
    ['no object', []],
    ['another name', { 'a-b': { type: 'none' } }],
    ['a string', { a: 'x' }],
    ['an unknown type', { a: { type: 'file' } }],
    ['no type', { a: { value: 'x' } }],
    ['a number', { a: { type: 'literal', value: 1 } }],
    ['NUL', { a: { type: 'literal', value: 'a\0b' } }],
    ['something more', { a: { type: 'none', value: 'x' } }],
    ['a secret without its value', { a: { type: 'secret' } }],
    ['a secret too short to mask', { a: { type: 'secret', value: 'abc' } }],
    ['no module', { a: { type: 'output', output: 'x' } }],
    ['a path for a module', { a: { type: 'output', moduleId: '../x', output: 'x' } }],
    ['an output that is an option', { a: { type: 'output', moduleId: ID, output: '-json' } }],
    ['a value that is too long', { a: { type: 'literal', value: 'x'.repeat(JOB_LIMITS.environmentValueBytes + 1) } }],
    ['too many', Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`a${index}`, null]))],
  ])('are refused: %s', (_what, inputs) => expect(problemOfVariables(inputs)).not.toBeNull());

  test('never have their values in a refusal', () => {
    expect(problemOfVariables({ a: { type: 'secret', value: 'hidden\0' } })).not.toContain('hidden');
    expect(problemOfVariables({ a: { type: 'output', value: 'hidden' } })).not.toContain('hidden');
  });

  test.each([
    'TF_VAR_region',
    'TF_CLI_ARGS',
    'TF_CLI_ARGS_apply',
    'TF_INPUT',
    'TF_DATA_DIR',
    'LD_PRELOAD',
    'DIBS_X',
    'A-B',
  ])('of the environment may not be called %s', (name) =>
    expect(problemOfInputEnvironment({ [name]: { type: 'none' } })).not.toBeNull(),
  );
  test('of the environment may steer how the engine logs', () => {
    expect(problemOfInputEnvironment({ TF_LOG: { type: 'literal', value: 'INFO' } })).toBeNull();
  });
});

describe('files', () => {
  const file = { type: 'text', content: 'x' };
  test.each(['main.tf', 'modules/a/main.tf', '.terraform.lock.hcl', 'a b', 'ü', '...x', 'console.tf', 'com.tf'])(
    'may be at %j',
    (path) => expect(problemOfModuleFiles({ [path]: file })).toBeNull(),
  );

  test.each([
    ...[
      '',
      '/etc/passwd',
      '../x',
      'a/../x',
      'a/..',
      './a',
      'a//b',
      'a/',
      'C:/x',
      'c:x',
      '\\\\host\\x',
      'a\\b',
      'a\0b',
      'a\nb',
    ],
    ...[
      '.git/hooks/x',
      '.GIT/config',
      'a/.git./x',
      'GIT~1/x',
      'a.',
      'a /b',
      '...',
      'a:b',
      'a?',
      'a*',
      'a|b',
      '"a"',
      '<a>',
    ],
    ...['con', 'NUL', 'a/aux.tf', 'com1', 'LPT9.txt', 'a'.repeat(513)],
  ])('may not be at %j', (path) => expect(problemOfModuleFiles({ [path]: file })).not.toBeNull());

  test.each<[string, unknown]>([
    ['a list', [file]],
    ['a string', { a: 'x' }],
    ['no content', { a: { type: 'text' } }],
    ['half a character', { a: { type: 'text', content: '\ud800' } }],
    ['a link', { a: { type: 'symlink', target: '/etc' } }],
    ['a mode', { a: { ...file, mode: 0o777 } }],
    ['content of nothing', { a: { type: 'none', content: 'x' } }],
  ])('are refused: %s', (_what, files) => expect(problemOfModuleFiles(files)).not.toBeNull());

  test.each([
    [['main.tf', 'Main.tf']],
    [['\u00fc.tf', 'u\u0308.tf']],
    [['\u00dc.tf', 'u\u0308.tf']],
    [['a', 'a/b']],
    [['A/b', 'a']],
    [['x/y/z', 'X']],
  ])('cannot be beside each other: %j', (paths) => expect(problemOfPathsTogether(paths)).not.toBeNull());

  test('can be beside each other when they differ', () => {
    expect(problemOfPathsTogether(['a/b', 'a/c', 'ab', 'a.tf'])).toBeNull();
  });
});

describe('hooks', () => {
  test('may be at every point, in either shell, and taken away again', () => {
    const hooks = {
      'before:init': { type: 'script', run: 'echo hi\r\n' },
      'after:apply': { type: 'script', run: 'x'.repeat(JOB_LIMITS.runBytes), shell: 'sh' },
      'before:plan': { type: 'none' },
      'after:outputs': null,
    };
    expect(problemOfHooks(hooks)).toBeNull();
  });

  test.each<[string, unknown]>([
    ['a list', []],
    ['where none is', { 'before:unlock': { type: 'none' } }],
    ['a dangerous name', JSON.parse('{"__proto__": {"type": "none"}}')],
    ['a string', { 'before:plan': 'echo' }],
    ['no type', { 'before:plan': { run: 'echo' } }],
    ['no script', { 'before:plan': { type: 'script' } }],
    ['an empty one', { 'before:plan': { type: 'script', run: ' \n' } }],
    ['NUL', { 'before:plan': { type: 'script', run: 'a\0b' } }],
    ['half a character', { 'before:plan': { type: 'script', run: 'echo \ud800' } }],
    ['one byte too many', { 'before:plan': { type: 'script', run: 'x'.repeat(JOB_LIMITS.runBytes + 1) } }],
    ['another shell', { 'before:plan': { type: 'script', run: 'echo', shell: 'python3' } }],
    ['a time limit', { 'before:plan': { type: 'script', run: 'echo', timeoutSeconds: 1 } }],
    ['a script of nothing', { 'before:plan': { type: 'none', run: 'echo' } }],
  ])('are refused: %s', (_what, hooks) => expect(problemOfHooks(hooks)).not.toBeNull());
});

describe('all that a level sets', () => {
  const none = { variables: {}, environment: {} };
  const many = (count: number, value: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, { type: 'literal' as const, value }]));

  test('has bounds of its own, secrets counted', () => {
    expect(problemOfSettings({ variables: many(200, 'x') }, none)).toBeNull();
    expect(problemOfSettings({ variables: many(201, 'x') }, none)?.path).toBe('settings.variables');
    expect(problemOfSettings({ environment: many(9, 'x'.repeat(32_000)) }, none)?.path).toBe('settings.environment');
    const secrets = { variables: { a: 'x'.repeat(JOB_LIMITS.environmentBytes) }, environment: {} };
    expect(problemOfSettings({ variables: { a: { type: 'secret' } } }, secrets)?.path).toBe('settings.variables');
    const content = 'x'.repeat(JOB_LIMITS.filesBytes / 2);
    const files = { a: { type: 'text', content }, b: { type: 'text', content } } as const;
    expect(problemOfSettings({ files }, none)).toBeNull();
    expect(problemOfSettings({ files: { ...files, c: { type: 'text', content: 'x' } } }, none)?.path).toBe(
      'settings.files',
    );
  });
});

describe('flags of an engine', () => {
  test('may be those of the list, for the calls they are for', () => {
    const flags = {
      init: ['-upgrade', '-lockfile=readonly'],
      plan: ['-refresh=false', '-target=module.vpc["a"]', '-var-file=envs/prod.tfvars', '--parallel=8'],
      apply: ['-parallelism=4', '-lock-timeout=5m'],
      outputs: [],
    };
    expect(problemOfFlags(flags)).toBeNull();
    expect(problemOfFlagsOf('terraform', { plan: ['-refresh=false'] })).toBeNull();
    expect(problemOfFlagsOf('tofu', { plan: ['-exclude=a.b'] })).toBeNull();
  });

  test.each<[string, unknown, string]>([
    ['no object', [], 'object'],
    ['an unknown call', { destroy: [] }, 'init, validate, plan, apply'],
    ['no list', { plan: '-refresh=false' }, 'list'],
    ['no string', { plan: [1] }, 'no string'],
    ['one that drops the lock', { plan: ['-lock=false'] }, '-lock-timeout=DURATION'],
    ['one that leads elsewhere', { plan: ['-out=/etc/passwd'] }, '"-out=/etc/passwd"'],
    ['one of another call', { apply: ['-target=a.b'] }, 'for apply'],
    ['one that approves', { apply: ['-auto-approve'] }, '-parallelism=NUMBER'],
    ['a value in an argument of its own', { plan: ['-target', 'a.b'] }, '-target=ADDRESS'],
    ['a wrong number', { plan: ['-parallelism=1e9'] }, 'NUMBER'],
    ['a file outside', { plan: ['-var-file=../secrets'] }, 'PATH'],
    ['a control character', { plan: ['-target=a\u001b'] }, 'ADDRESS'],
    ['of a call that takes none', { unlock: ['-force'] }, 'none is allowed'],
    ['too many', { plan: Array.from({ length: 51 }, () => '-upgrade') }, 'at most 50'],
  ])('are refused, and told what is allowed: %s', (_what, flags, told) => {
    expect(problemOfFlags(flags)).toContain(told);
  });

  test('are refused for an engine that does not know them', () => {
    expect(problemOfFlagsOf('pulumi', { plan: ['-refresh=false'] })).toContain('--refresh=BOOLEAN');
    expect(problemOfFlagsOf('terraform', { plan: ['-exclude=a.b'] })).toContain('for plan of terraform');
  });
});

describe('backend and workspace', () => {
  test('are names and texts', () => {
    expect(problemOfBackend({ bucket: 'state', 'skip-tls': '', key: 'a\nb' })).toBeNull();
    expect(['prod', 'org/project/prod', 'a.b_c-1'].map(problemOfWorkspace)).toEqual([null, null, null]);
  });

  test.each<unknown>([[], { 'a b': 'c' }, { a: 1 }, { a: 'x\0' }, { a: 'x'.repeat(16 * 1024 + 1) }])(
    'a backend is refused: %#',
    (backend) => expect(problemOfBackend(backend)).not.toBeNull(),
  );

  test.each<unknown>(['', '-prod', '../prod', 'a//b', 'a b', 'a/b/c/d', 'x'.repeat(201), 7])(
    'a workspace is refused: %s',
    (workspace) => expect(problemOfWorkspace(workspace)).not.toBeNull(),
  );
});
