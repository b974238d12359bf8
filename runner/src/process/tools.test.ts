import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findExecutable } from './find-executable.js';
import { findTools, parseVersion } from './tools.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dibs-tools-'));
  const tool = (name: string, script: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  tool('terraform', 'test "$1" = version && echo "Terraform v1.9.8-dev\non linux_amd64"');
  tool('mytool', 'echo "mytool, release 2.4" >&2');
  tool('broken', 'echo 1.2.3; exit 1');
  tool('silent', 'exit 0');
  tool('reader', 'cat; echo 3.2.1');
  tool('hanging', 'echo 7.7.7; sleep 300 & sleep 300');
  tool('daemon', 'sleep 300 & echo 5.5.5');
  writeFileSync(join(folder, 'not-executable'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('finds tools with their versions; strange ones cost a bounded time', async () => {
  const names = [
    'mytool',
    'broken',
    'silent',
    'reader',
    'hanging',
    'daemon',
    'not-executable',
    'missing',
    '../escape',
    '/bin/sh',
  ];
  const began = performance.now();
  const tools = await findTools(names, [folder], '/usr/bin:/bin');
  expect(performance.now() - began).toBeLessThan(60_000);
  const versions = Object.fromEntries(tools.map(({ name, version }) => [name, version]));
  expect(versions).toMatchObject({
    ...{
      terraform: '1.9.8-dev',
      mytool: '2.4',
      broken: null,
      silent: null,
      reader: '3.2.1',
      hanging: null,
      daemon: '5.5.5',
    },
  });
  expect(versions.git).toMatch(/^\d+\.\d+/);
  for (const absent of ['not-executable', 'missing', '../escape']) expect(versions).not.toHaveProperty([absent]);
});

test.each([
  ['git version 2.39.5', '2.39.5'],
  ['Terraform v1.9.0\non linux_amd64', '1.9.0'],
  ['OpenTofu v1.8.3-rc1', '1.8.3-rc1'],
  ['v3.100.0', '3.100.0'],
  ['Docker version 20.10.24+dfsg1, build 297e128', '20.10.24+dfsg1'],
  ['no version here', null],
  ['', null],
])('the version in %j is %j', (output, version) => {
  expect(parseVersion(output)).toBe(version);
});

test('only absolute folders of the search path count', () => {
  expect(findExecutable('terraform', folder)).toBe(join(folder, 'terraform'));
  expect(findExecutable('terraform', `.:relative:${folder}`)).toBe(join(folder, 'terraform'));
  expect(findExecutable('terraform', undefined)).toBeNull();
  expect(findExecutable('', folder)).toBeNull();
  expect(findExecutable('not-executable', folder)).toBeNull();
});
