import { expect, test } from '@jest/globals';
import type { HierarchyLevel, ModuleSettings } from '@dibs/shared';
import { definitionText } from './definition.js';
import { effectiveSettings } from './effective-settings.js';

const GIT = { type: 'git', url: 'https://git.example/vpc', revision: 'main', path: null, depth: 1 } as const;
const BASE: ModuleSettings = {
  engine: { name: 'terraform', version: null },
  source: GIT,
  variables: { region: { type: 'literal', value: 'eu' }, key: { type: 'secret' } },
  files: { 'a.tf': { type: 'text', content: 'a' } },
};
const SECRETS: Partial<Record<HierarchyLevel, string>> = { module: 'hush', stack: 'other' };
const text = (settings: ModuleSettings, stack: ModuleSettings = {}, secrets = SECRETS): string =>
  definitionText(
    effectiveSettings(
      [
        { level: 'stack', settings: stack },
        { level: 'module', settings },
      ],
      { timeoutSeconds: 1, queueTimeoutSeconds: 1 },
    ),
    (origin) => (origin === 'default' ? undefined : secrets[origin]),
  );

test.each<[string, ModuleSettings, ModuleSettings?]>([
  ['its engine', { ...BASE, engine: { name: 'terraform', version: '1' } }],
  ['its revision', { ...BASE, source: { ...GIT, revision: 'next' } }],
  ['a variable', { ...BASE, variables: { ...BASE.variables, region: { type: 'literal', value: 'us' } } }],
  ['what is inherited', BASE, { environment: { A: { type: 'literal', value: '1' } } }],
  ['where a secret is set', { ...BASE, variables: { region: BASE.variables!['region']! } }, BASE],
  ['a file', { ...BASE, files: { 'a.tf': { type: 'text', content: 'b' } } }],
  ['the backend', { ...BASE, backend: { bucket: 'b' } }],
  ['flags', { ...BASE, flags: { plan: ['-refresh=false'] } }],
  ['the workspace', { ...BASE, workspace: 'prod' }],
  ['a hook', { ...BASE, hooks: { 'before:plan': { type: 'script', run: 'date', shell: 'sh' } } }],
])('a definition is another with %s', (_what, settings, stack = {}) => {
  expect(text(settings, stack)).not.toBe(text(BASE));
});

test('a definition is another when a secret has another value', () => {
  expect(text(BASE, {}, { module: 'new' })).not.toBe(text(BASE));
});

test.each<[string, ModuleSettings, ModuleSettings?]>([
  ['the order of its parts', Object.fromEntries(Object.entries(BASE).reverse())],
  ['how much history is fetched', { ...BASE, source: { ...GIT, depth: 5 } }],
  [
    'who runs it',
    { ...BASE, placement: { runner: 'pool', instance: null }, labels: { zone: 'eu' }, timeoutSeconds: 5 },
  ],
  ['who approves', { ...BASE, approval: { when: 'always', expiresAfterSeconds: 60 } }],
  ['what triggers it', { ...BASE, triggerOnDefinitionChanged: true, sourcePolling: { everySeconds: 60 } }],
  ['the level that sets a part', { ...BASE, files: {} }, { files: BASE.files! }],
  ['what is overridden', BASE, { engine: { name: 'tofu', version: null } }],
])('a definition is the same whatever %s is', (_what, settings, stack = {}) => {
  expect(text(settings, stack)).toBe(text(BASE));
});
