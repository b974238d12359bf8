import { describe, expect, test } from '@jest/globals';
import { fillJobSpec } from './fill-job-spec.js';
import { requestFingerprint } from './request-fingerprint.js';

describe('fillJobSpec', () => {
  test('fills in all that the smallest job leaves out', () => {
    expect(fillJobSpec({ steps: [{ run: 'echo hi' }] })).toEqual({
      name: 'echo hi',
      steps: [{ name: 'echo hi', run: 'echo hi', shell: 'bash', timeoutSeconds: null }],
      env: {},
      source: null,
      files: [],
      executor: { type: 'shell' },
      requires: { tools: [], labels: {}, prefers: {} },
      runner: null,
      instance: null,
      priority: 0,
      slots: 1,
      timeoutSeconds: 3600,
      queueTimeoutSeconds: 86_400,
      onLost: 'requeue',
      maxAttempts: 3,
      retry: null,
      concurrency: null,
      fanOut: null,
      scope: null,
    });
  });

  test('leaves the secrets behind', () => {
    const spec = fillJobSpec({ steps: [{ run: 'x' }], secrets: { TOKEN: 'planted-secret' } });
    expect(JSON.stringify(spec)).not.toContain('planted-secret');
    expect(JSON.stringify(spec)).not.toContain('TOKEN');
  });

  test.each([
    ['#!/bin/bash\n# comment\n\nmake all\nmake test', 'make all'],
    ['\u001b[31mred\tx', '[31mred x'],
    ['# only a comment', '# only a comment'],
    ['x'.repeat(100), `${'x'.repeat(59)}…`],
    ['😀'.repeat(80), `${'😀'.repeat(59)}…`],
  ])('names a step after its first command: %j', (run, name) => {
    expect(fillJobSpec({ steps: [{ run }] }).steps[0]?.name).toBe(name);
  });
});

describe('requestFingerprint', () => {
  const body = { steps: [{ run: 'x', shell: 'sh' }], env: { A: '1', B: '2' } };
  test('does not depend on the order of keys, on undefined ones or on secrets', () => {
    const shuffled = {
      env: { B: '2', A: '1' },
      name: undefined,
      steps: [{ shell: 'sh', run: 'x' }],
      secrets: { T: 'tttt' },
    };
    expect(requestFingerprint(shuffled)).toBe(requestFingerprint(body));
  });
  test.each([
    [{ ...body, env: { A: '2', B: '1' } }],
    [{ ...body, steps: [...body.steps, { run: 'x' }] }],
    [{ ...body, priority: 0 }],
    [{ ...body, env: {} }],
  ])('tells another body apart', (other) => {
    expect(requestFingerprint(other)).not.toBe(requestFingerprint(body));
  });
});
