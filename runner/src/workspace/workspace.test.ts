import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FileSpec, GitSourceSpec } from '@dibs/shared';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTree } from '../process/process-table.js';
import {
  type PrepareWorkspaceOptions,
  type Workspace,
  cleanStaleWorkspaces,
  makeFolders,
  prepareWorkspace,
} from './workspace.js';

let base: string;
let root: string;
let output: string[];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'dibs-workspace-'));
  root = join(base, 'root');
  output = [];
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function prepare(overrides: Partial<PrepareWorkspaceOptions> = {}): Promise<Workspace> {
  return prepareWorkspace({
    root,
    jobId: randomUUID(),
    attempt: 1,
    files: [],
    source: null,
    cloneDepth: 1,
    allowFileUrls: true,
    hostEnv: { PATH: process.env.PATH, HOME: base },
    cgroupRoot: null,
    pipeGraceMs: 200,
    fetchArchive: () => Promise.reject(new Error('there is no archive')),
    onOutput: (line) => output.push(line),
    signal: new AbortController().signal,
    ...overrides,
  });
}

function file(path: string, content = 'content'): FileSpec {
  return { path, content };
}

function source(url: string, rest: Partial<GitSourceSpec> = {}): GitSourceSpec {
  return { type: 'git', url, revision: null, path: null, depth: null, ...rest };
}

describe('inline files', () => {
  test('are written where they belong, for the owner only', async () => {
    const workspace = await prepare({
      files: [file('a.txt', 'ä€'), file('deep/er/b.txt'), file('deep/er/c d'), file('deep/.gitignore')],
    });
    expect(readFileSync(join(workspace.dir, 'a.txt'), 'utf8')).toBe('ä€');
    expect(readdirSync(join(workspace.dir, 'deep/er')).sort()).toEqual(['b.txt', 'c d']);
    expect(statSync(join(root, workspace.name)).mode & 0o777).toBe(0o700);
    expect(statSync(join(workspace.dir, 'a.txt')).mode & 0o777).toBe(0o600);
    expect([workspace.stepDir, workspace.commit]).toEqual([workspace.dir, null]);
    for (const folder of [workspace.tmpDir, workspace.privateDir]) expect(statSync(folder).isDirectory()).toBe(true);
    await workspace.dispose();
    expect(readdirSync(root)).toEqual([]);
  });

  test.each([
    ['/etc/passwd', 'absolute'],
    ['../outside', '".."'],
    ['a/../../outside', '".."'],
    ['a/./b', '"."'],
    ['a//b', 'empty part'],
    ['folder/', 'empty part'],
    ['', 'is empty'],
    ['a\0b', 'NUL'],
    ['a\\b', 'backslash'],
    ['.git/hooks/post-checkout', '.git'],
    ['sub/.GIT/config', '.git'],
    ['x'.repeat(256), 'too long'],
  ])('%j is refused before anything is written', async (path, why) => {
    await expect(prepare({ files: [file('fine'), file(path)] })).rejects.toMatchObject({
      reason: 'workspace_failed',
      message: expect.stringContaining(why) as unknown,
    });
    expect(existsSync(root) ? readdirSync(root) : []).toEqual([]);
    expect(existsSync(join(base, 'outside'))).toBe(false);
  });

  test.each([
    ['twice the same', [file('a'), file('a')], 'twice'],
    ['a file as a folder', [file('a/b'), file('a')], 'to be a folder'],
  ])('%s is refused', async (_what, files, why) => {
    await expect(prepare({ files })).rejects.toThrow(why);
  });
});

describe('git source', () => {
  let repository: string;
  let first: string;
  let second: string;
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: repository,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: base },
    }).trim();

  beforeEach(() => {
    repository = join(base, 'repository');
    mkdirSync(join(repository, 'sub/dir'), { recursive: true });
    git('init', '-q', '-b', 'main');
    writeFileSync(join(repository, 'file.txt'), 'one');
    writeFileSync(join(repository, 'sub/dir/inner.txt'), 'inner');
    symlinkSync('/etc', join(repository, 'escape'));
    symlinkSync('sub/dir', join(repository, 'alias'));
    git('add', '.');
    git('commit', '-q', '-m', 'one');
    first = git('rev-parse', 'HEAD');
    git('tag', '-a', 'v1', '-m', 'v1');
    writeFileSync(join(repository, 'file.txt'), 'two');
    git('commit', '-q', '-am', 'two');
    second = git('rev-parse', 'HEAD');
    git('branch', 'feature/x', first);
  });

  test.each([
    ['the default branch', null, () => second, 'two'],
    ['a branch', 'main', () => second, 'two'],
    ['a branch with a slash', 'feature/x', () => first, 'one'],
    ['an annotated tag', 'v1', () => first, 'one'],
    ['a full ref', 'refs/tags/v1', () => first, 'one'],
  ])('%s is checked out and said', async (_what, revision, commit, content) => {
    const workspace = await prepare({ source: source(repository, { revision }) });
    expect(workspace.commit).toBe(commit());
    expect(readFileSync(join(workspace.dir, 'file.txt'), 'utf8')).toBe(content);
    expect(output.at(-1)).toContain(commit());
    expect(readdirSync(join(workspace.dir, '.git'))).not.toContain('hooks');
    await workspace.dispose();
  });

  test('a commit, by its full and its short id', async () => {
    for (const revision of [first, first.slice(0, 9)]) {
      const workspace = await prepare({ source: source(`file://${repository}`, { revision }) });
      expect(workspace.commit).toBe(first);
      await workspace.dispose();
    }
  });

  test('the newest tag in a range of versions', async () => {
    for (const tag of ['v1.2.0', '1.10.0', 'v1.11.0-rc.1', 'v2.0.0'])
      git('tag', tag, tag === '1.10.0' ? first : second);
    const workspace = await prepare({ source: source(repository, { versions: '^1.2' }) });
    expect(workspace.commit).toBe(first);
    expect(output).toContain('The newest version in the range ^1.2 is 1.10.0.');
    await workspace.dispose();
    const nothing = prepare({ source: source(repository, { versions: '^7' }) });
    await expect(nothing).rejects.toMatchObject({ reason: 'source_failed', message: expect.stringContaining('^7') });
  });

  test.each([
    [null, 1, 1],
    [2, 1, 2],
    [null, 0, 2],
  ])('depth %j with setting %j fetches %j commits', async (depth, cloneDepth, commits) => {
    const workspace = await prepare({ source: source(`file://${repository}`, { depth }), cloneDepth });
    const count = execFileSync('git', ['rev-list', '--count', 'HEAD'], {
      cwd: workspace.dir,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: base },
    });
    expect(Number(count)).toBe(commits);
  });

  test('steps run in the path, and files go on top of the checkout', async () => {
    const workspace = await prepare({ source: source(repository, { path: 'sub/dir' }), files: [file('sub/new.txt')] });
    expect(workspace.stepDir).toBe(join(workspace.dir, 'sub/dir'));
    expect(existsSync(join(workspace.dir, 'sub/new.txt'))).toBe(true);
    const aliased = await prepare({ source: source(repository, { path: 'alias' }) });
    expect(aliased.stepDir).toBe(join(aliased.dir, 'sub/dir'));
  });

  test.each(['escape', '../..', '/etc', 'missing', 'file.txt', '.git', 'escape/ssl'])(
    'the path %j is refused',
    async (path) => {
      await expect(prepare({ source: source(repository, { path }) })).rejects.toThrow(
        /out of it|not a folder|absolute|"\.\."|\.git/,
      );
      expect(readdirSync(root)).toEqual([]);
    },
  );

  test.each([
    ['through a link of the repository', 'escape/evil', 'symbolic link'],
    ['over a link of the repository', 'escape', 'symbolic link'],
    ['over a file of the repository', 'file.txt', 'exists already'],
    ['through a file of the repository', 'file.txt/x', 'through a file'],
  ])('a file %s is refused before the first write', async (_what, path, why) => {
    const folder = { jobId: randomUUID() };
    await expect(prepare({ ...folder, source: source(repository), files: [file('ok'), file(path)] })).rejects.toThrow(
      why,
    );
    expect(existsSync('/etc/evil')).toBe(false);
  });

  test('hooks, templates and GIT_ variables of the host run nothing', async () => {
    const evidence = join(base, 'evidence');
    const script = join(base, 'evil.sh');
    writeFileSync(script, `#!/bin/sh\necho ran >> ${evidence}\n`);
    chmodSync(script, 0o755);
    mkdirSync(join(base, 'template/hooks'), { recursive: true });
    for (const hook of ['post-checkout', 'reference-transaction']) {
      writeFileSync(join(base, 'template/hooks', hook), readFileSync(script));
      chmodSync(join(base, 'template/hooks', hook), 0o755);
    }
    const hostEnv = {
      PATH: process.env.PATH,
      HOME: base,
      GIT_TEMPLATE_DIR: join(base, 'template'),
      GIT_SSH_COMMAND: script,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.fsmonitor',
      GIT_CONFIG_VALUE_0: script,
      GIT_EXTERNAL_DIFF: script,
    };
    await prepare({ source: source(repository), hostEnv });
    await expect(prepare({ source: source('ssh://git@127.0.0.1:1/x.git'), hostEnv })).rejects.toThrow();
    expect(existsSync(evidence)).toBe(false);
  });

  test('submodules are not fetched', async () => {
    execFileSync(
      'git',
      [
        '-c',
        'protocol.file.allow=always',
        '-c',
        'user.name=a',
        '-c',
        'user.email=a@b',
        'submodule',
        'add',
        '-q',
        repository,
        'module',
      ],
      { cwd: repository, env: { PATH: process.env.PATH, HOME: base } },
    );
    git('commit', '-q', '-m', 'with submodule');
    const workspace = await prepare({ source: source(repository) });
    expect(readdirSync(join(workspace.dir, 'module'))).toEqual([]);
  });

  test.each([
    ['a revision that does not exist', { revision: 'nowhere' }],
    ['an option as revision', { revision: '--upload-pack=touch /tmp/x' }],
    ['a refspec as revision', { revision: '+main:main' }],
    ['a range as revision', { revision: 'main..v1' }],
  ])('%s fails as source_failed', async (_what, rest) => {
    await expect(prepare({ source: source(repository, rest) })).rejects.toMatchObject({ reason: 'source_failed' });
    expect(readdirSync(root)).toEqual([]);
  });

  test('local urls need the setting', async () => {
    for (const url of [repository, `file://${repository}`]) {
      await expect(prepare({ source: source(url), allowFileUrls: false })).rejects.toMatchObject({
        reason: 'source_failed',
      });
    }
  });
});

describe('a server of the network', () => {
  let server: Server;
  let requests: (string | undefined)[];
  let answer: boolean;
  beforeEach(async () => {
    requests = [];
    answer = true;
    server = createServer((request, response) => {
      requests.push(request.headers.authorization);
      if (answer) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = (userinfo = '') => `http://${userinfo}127.0.0.1:${(server.address() as AddressInfo).port}/repo.git`;

  test('gets the credentials of the url, which nobody else sees; git never asks', async () => {
    await expect(prepare({ source: source(url('me:s3cr%21t@')) })).rejects.toMatchObject({ reason: 'source_failed' });
    expect(requests).toContain(`Basic ${Buffer.from('me:s3cr!t').toString('base64')}`);
    expect(output.join('\n')).not.toMatch(/s3cr/);
    output.length = 0;
    await expect(prepare({ source: source(url()) })).rejects.toThrow(/could not be fetched/);
  });

  test('that never answers is left when the job is canceled, and git with it', async () => {
    answer = false;
    const abort = new AbortController();
    const jobId = randomUUID();
    const preparing = prepare({ source: source(url()), jobId, signal: abort.signal });
    const giveUpAt = performance.now() + 10_000;
    while (requests.length === 0 && performance.now() < giveUpAt)
      await new Promise((resolve) => setTimeout(resolve, 10));
    abort.abort(new Error('canceled'));
    await expect(preparing).rejects.toThrow('canceled');
    expect(await findTree({ jobId, attempt: 1 }, null)).toEqual([]);
    expect(readdirSync(root)).toEqual([]);
  });
});

test.each([
  ['made here', () => false],
  ['that were made before', (folder: string) => (mkdirSync(root, { recursive: true }), makeFolders(folder), true)],
])('folders %s: for the owner only, and removed', async (_how, placeFolders) => {
  const workspace = await prepare({ placeFolders, files: [file('a.txt')] });
  for (const folder of [workspace.privateDir, workspace.dir, workspace.tmpDir]) {
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  }
  expect(readdirSync(workspace.dir)).toEqual(['a.txt']);
  await workspace.dispose();
  expect(readdirSync(root)).toEqual([]);
});

test('what an earlier process left in the way is removed', async () => {
  const jobId = randomUUID();
  mkdirSync(join(root, `${jobId}-1`, 'work/of/before'), { recursive: true });
  const workspace = await prepare({ jobId });
  expect(readdirSync(workspace.privateDir).sort()).toEqual(['tmp', 'work']);
  expect(readdirSync(workspace.dir)).toEqual([]);
});

test('an aborted signal prepares nothing', async () => {
  const abort = new AbortController();
  abort.abort(new Error('too late'));
  await expect(prepare({ signal: abort.signal })).rejects.toThrow('too late');
  expect(existsSync(root)).toBe(false);
});

test('stale workspaces go, the kept and what is not ours stay', async () => {
  const [stale, kept] = [await prepare(), await prepare({ attempt: 2 })];
  mkdirSync(join(root, 'my-own-folder'));
  mkdirSync(join(stale.dir, 'read-only'));
  writeFileSync(join(stale.dir, 'read-only/file'), '');
  chmodSync(join(stale.dir, 'read-only'), 0o500);
  symlinkSync(base, join(stale.dir, 'link'));
  expect(await cleanStaleWorkspaces(root, new Set([kept.name]))).toEqual([stale.name]);
  expect(readdirSync(root).sort()).toEqual([kept.name, 'my-own-folder'].sort());
  expect(existsSync(base)).toBe(true);
  expect(await cleanStaleWorkspaces(join(base, 'nowhere'), new Set())).toEqual([]);
});
