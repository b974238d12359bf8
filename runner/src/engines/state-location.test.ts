import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { EngineCommand } from '@dibs/shared';
import type { EngineContext } from './engine.js';
import { checkStateStays } from './state-location.js';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'dibs-state-'));
  mkdirSync(join(base, 'job/work/.terraform'), { recursive: true });
  mkdirSync(join(base, 'states'));
  symlinkSync(join(base, 'states'), join(base, 'job/work/outside'));
});
afterEach(() => rmSync(base, { recursive: true }));

function check(
  backend: object | null,
  command: EngineCommand = 'apply',
  workspace: string | null = null,
  willBeApplied?: boolean,
): string[] {
  const said: string[] = [];
  const [privateDir, stepDir] = [join(base, 'job'), join(base, 'job/work')];
  if (backend) writeFileSync(join(stepDir, '.terraform/terraform.tfstate'), JSON.stringify({ backend }));
  const spec = { name: 'terraform', command, workspace, willBeApplied } as EngineContext['spec'];
  checkStateStays({
    spec,
    workspace: { stepDir, privateDir },
    env: {},
    say: (line) => void said.push(line),
  } as EngineContext);
  return said;
}

const local = (config: object): object => ({ type: 'local', config });

test.each([
  ['no backend at all', null, null],
  ['a local one without a path', local({ path: null }), null],
  ['a relative path', local({ path: 'states/a.tfstate' }), null],
  ['a path beside the work', local({ path: '../a.tfstate' }), null],
  ['a workspace without a folder', local({ path: '/srv/a.tfstate' }), 'blue'],
])('%s: the state would be thrown away', (_what, backend, workspace) => {
  expect(() => check(backend, 'apply', workspace)).toThrow('Nothing is applied.');
  expect(() => check(backend, 'plan', workspace, true)).toThrow('Nothing is applied.');
  expect(check(backend, 'plan', workspace)).toEqual([expect.stringContaining('This plan cannot be applied.')]);
  expect(check(backend, 'outputs', workspace)).toEqual([]);
});

test.each([
  ['a backend elsewhere', { type: 's3', config: {} }, null],
  ['an absolute path', local({ path: '/srv/a.tfstate' }), null],
  ['a path that leads out', local({ path: '../../a.tfstate' }), null],
  ['a link that leads out', local({ path: 'outside/deep/a.tfstate' }), null],
  ['a workspace in a folder elsewhere', local({ workspace_dir: '/srv/states' }), 'blue'],
])('%s: the state stays', (_what, backend, workspace) => {
  expect(check(backend, 'apply', workspace)).toEqual([]);
});
