import { describe, expect, test } from '@jest/globals';
import type { JobSpec } from '@dibs/shared';
import { bodyOf, curlOf, whatIfBody } from './draft-body';
import { draftOf, emptyDraft, rowId, type JobDraft } from './job-draft';

const pair = (name: string, value: string) => ({ id: rowId(), name, value });
const step = { id: rowId(), name: '', run: 'echo hi', shell: 'bash', timeoutSeconds: '' } as const;
const draft = (more: Partial<JobDraft>): JobDraft => ({ ...emptyDraft(), steps: [step], ...more });

describe('the body of a draft', () => {
  test('leaves out what was left to its default', () => {
    expect(bodyOf(draft({}))).toEqual({ steps: [{ run: 'echo hi' }] });
  });

  test('has what was filled in; lines without a name are not there yet', () => {
    const filled = draft({
      name: ' build ',
      env: [pair('CI', 'true'), pair('', 'lost')],
      secrets: [pair('TOKEN', ' with blanks ')],
      requires: { tools: ['git'], labels: [pair('zone', 'eu')], prefers: [pair('disk', 'ssd')] },
      source: { url: ' https://example.com/r.git ', revision: '', path: 'sub', depth: 1 },
      files: [
        { id: rowId(), path: ' a.txt ', content: ' kept as it is ' },
        { id: rowId(), path: '', content: '' },
      ],
      scope: { stackId: 's', namespaceId: '', moduleId: 'm' },
      priority: 0,
      concurrency: { key: 'deploy', limit: 2, supersede: 'waiting' },
      retry: { maxAttempts: 3, onExitCodes: ['75'], backoffSeconds: '' },
      fanOut: { wanted: true, batchSize: '', offline: 'wait' },
    });
    expect(bodyOf(filled)).toEqual({
      name: 'build',
      steps: [{ run: 'echo hi' }],
      env: { CI: 'true' },
      secrets: { TOKEN: ' with blanks ' },
      requires: { tools: ['git'], labels: { zone: 'eu' }, prefers: { disk: 'ssd' } },
      source: { type: 'git', url: 'https://example.com/r.git', path: 'sub', depth: 1 },
      files: [{ path: 'a.txt', content: ' kept as it is ' }],
      scope: { stackId: 's', moduleId: 'm' },
      priority: 0,
      concurrency: { key: 'deploy', limit: 2, supersede: 'waiting' },
      retry: { maxAttempts: 3, onExitCodes: [75] },
      fanOut: { offline: 'wait' },
    });
  });

  test('secrets are neither in the what-if nor in the command', () => {
    const body = bodyOf(draft({ secrets: [pair('TOKEN', 'hunter22')] }));
    expect(whatIfBody(body)).not.toHaveProperty('secrets');
    expect(curlOf(body, 'http://server')).toContain('"TOKEN": "…"');
    expect(curlOf(body, 'http://server')).not.toContain('hunter22');
  });

  test('a quote in a script does not end the command', () => {
    const body = bodyOf(draft({ steps: [{ ...step, run: `echo 'a'` }] }));
    expect(curlOf(body, 'http://server')).toContain(String.raw`"run": "echo '\''a'\''"`);
  });
});

test('a job that is submitted once more is the same, but for the values of its secrets', () => {
  const spec: JobSpec = {
    name: 'deploy',
    steps: [{ name: 'apply', run: 'terraform apply', shell: 'sh', timeoutSeconds: 60 }],
    env: { CI: 'true' },
    source: { type: 'git', url: 'https://example.com/r.git', revision: 'main', path: null, depth: null },
    files: [{ path: 'a.json', content: '{}' }],
    executor: { type: 'noop' },
    requires: { tools: ['terraform'], labels: { zone: 'eu' }, prefers: { disk: 'ssd' } },
    runner: 'pool',
    instance: null,
    priority: 5,
    slots: 2,
    timeoutSeconds: 100,
    queueTimeoutSeconds: 200,
    onLost: 'fail',
    maxAttempts: 2,
    retry: { maxAttempts: 2, onExitCodes: [1], onReasons: ['step_timeout'], backoffSeconds: 3 },
    concurrency: { key: 'prod', limit: 1, supersede: 'all' },
    fanOut: null,
    scope: { stackId: 's', namespaceId: null, moduleId: null },
  };
  expect(bodyOf(draftOf(spec, ['TOKEN']))).toEqual({
    name: 'deploy',
    steps: [{ name: 'apply', run: 'terraform apply', shell: 'sh', timeoutSeconds: 60 }],
    env: { CI: 'true' },
    secrets: { TOKEN: '' },
    source: { type: 'git', url: 'https://example.com/r.git', revision: 'main' },
    files: [{ path: 'a.json', content: '{}' }],
    executor: { type: 'noop' },
    requires: { tools: ['terraform'], labels: { zone: 'eu' }, prefers: { disk: 'ssd' } },
    runner: 'pool',
    priority: 5,
    slots: 2,
    timeoutSeconds: 100,
    queueTimeoutSeconds: 200,
    onLost: 'fail',
    maxAttempts: 2,
    retry: { maxAttempts: 2, onExitCodes: [1], onReasons: ['step_timeout'], backoffSeconds: 3 },
    concurrency: { key: 'prod', limit: 1, supersede: 'all' },
    scope: { stackId: 's' },
  });
});
