import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Refused } from '../policy/gate.js';
import { LOOKS_AT_ONCE, SourceLooks } from './source-looks.js';

let base: string;
let url: string;
const ids: Record<string, string> = {};
const git = (...args: string[]): string =>
  execFileSync('git', ['-C', url, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { encoding: 'utf8' }).trim();

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'dibs-looks-'));
  url = join(base, 'repository');
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', url]);
  for (const name of ['first', 'second']) {
    git('commit', '--quiet', '--allow-empty', '-m', name);
    ids[name] = git('rev-parse', 'HEAD');
  }
  git('tag', '-a', 'v1.0.0', '-m', 'one', ids['first']!);
  git('tag', 'v1.1.0');
  git('branch', 'side', ids['first']!);
  git('branch', 'feature/side');
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

function looks(more: { refused?: Refused; allowFileUrls?: boolean } = {}): SourceLooks {
  return new SourceLooks({
    root: base,
    allowFileUrls: more.allowFileUrls ?? true,
    gate: { refusalOfSource: () => Promise.resolve(more.refused ?? null) },
    hostEnv: { PATH: process.env.PATH, HOME: base },
    cgroupRoot: null,
    pipeGraceMs: 200,
    closing: new AbortController().signal,
    log: pino({ level: 'silent' }),
  });
}
const look = (revision: string | null, versions: string | null = null, on = looks()) =>
  on.look({ url, revision, versions, timeoutMs: 60_000 });

test('a branch, a tag and the newest version are the commits that a fetch would take', async () => {
  const seen = await Promise.all([
    look(null),
    look('side'),
    look('refs/heads/main'),
    look('v1.0.0'),
    look(null, '<1.1'),
  ]);
  const { first, second } = ids;
  expect(seen).toEqual([second, first, second, first, first].map((commit) => ({ commit, problem: null })));
  // nothing is left behind
  expect(readdirSync(base)).toEqual(['repository']);
});

test('what cannot or must not be seen is said on one line', async () => {
  const refused = { reason: 'policy_refused', message: 'The policy of this runner\nforbids it.' } as const;
  const problems = await Promise.all([
    look('missing'),
    look('--upload-pack=touch'),
    look(null, '^7'),
    look('main', null, looks({ allowFileUrls: false })),
    look('main', null, looks({ refused })),
  ]);
  expect(problems.map(({ commit }) => commit)).toEqual([null, null, null, null, null]);
  expect(problems.map(({ problem }) => problem)).toEqual([
    expect.stringContaining('has no missing'),
    expect.stringContaining('is not the name'),
    expect.stringContaining('no tag'),
    expect.stringContaining('the git url is not one of'),
    'The policy of this runner forbids it.',
  ]);
});

test('only so many are looked at at the same time', async () => {
  const one = looks();
  const seen = await Promise.all(Array.from({ length: LOOKS_AT_ONCE + 1 }, () => look('main', null, one)));
  expect(seen.map(({ commit }) => commit === ids['second'])).toEqual([true, true, true, true, false]);
  expect((await look('main', null, one)).commit).toBe(ids['second']);
});
