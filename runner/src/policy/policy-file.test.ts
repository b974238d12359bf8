import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { PolicyFile } from './policy-file.js';

let folder: string;
let path: string;
let said: string[];
let file: PolicyFile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dibs-policy-'));
  path = join(folder, 'policy.json');
  said = [];
  file = new PolicyFile(path, pino({ base: null }, { write: (line: string) => void said.push(line) }));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a change counts from the next question on, and is told once', async () => {
  writeFileSync(path, '{"scripts": false}');
  expect(await file.read()).toEqual({ policy: { scripts: false }, problem: null });
  await file.read();
  // the same size, and on most file systems within the same tick of its clock
  writeFileSync(path, '{"scripts": true }');
  expect((await file.read()).policy).toEqual({ scripts: true });
  rmSync(path);
  expect(await file.read()).toEqual({ policy: null, problem: 'cannot be read (ENOENT)' });
  await file.read();
  writeFileSync(path, '{"scripts": true }');
  expect((await file.read()).policy).toEqual({ scripts: true });
  expect(said.map((line) => /policy read|is no policy/.exec(line)?.[0])).toEqual([
    ...['policy read', 'policy read', 'is no policy', 'policy read'],
  ]);
});

test('what a list leaves out is an empty list', async () => {
  writeFileSync(path, '{"$schema": "x", "scripts": true, "sources": {}, "engines": {"tofu": "~1.8"}}');
  expect((await file.read()).policy).toMatchObject({
    sources: { git: [], archives: [], files: [], flags: [] },
    engines: { tofu: '~1.8' },
  });
});

test.each([
  ['', 'is not JSON'],
  ['[]', 'is not right'],
  ['{}', 'scripts must be said: true or false'],
  ['{"scripts": "no"}', 'scripts must be said'],
  ['{"scripts": true, "maxDestroys": 1}', 'maxDestroys is no rule'],
  ['{"scripts": true, "sources": {"urls": []}}', 'sources.urls is no rule'],
  ['{"scripts": true, "sources": {"git": "https://x"}}', 'sources.git must be a list'],
  ['{"scripts": true, "engines": {"terraform": "latest"}}', 'engines.terraform must be a range'],
  ['{"scripts": true, "engines": {"cdk": "*"}}', 'engines.cdk is no rule'],
  ['{"scripts": true, "commands": ["destroy"]}', 'commands.0'],
  ['{"scripts": true, "maximumDestroys": -1}', 'maximumDestroys must be a whole number'],
  [`{"scripts": true, "x": "${'x'.repeat(1024 * 1024)}"}`, 'is larger than'],
])('%.40s is no policy: %s', async (text, problem) => {
  writeFileSync(path, text);
  const reading = await file.read();
  expect(reading.policy).toBeNull();
  expect(reading.problem).toContain(problem);
});

test('a folder, or a link that leads nowhere, is no policy', async () => {
  mkdirSync(path);
  expect((await file.read()).problem).toBe('is not a file');
  rmSync(path, { recursive: true });
  symlinkSync(join(folder, 'nowhere'), path);
  expect((await file.read()).problem).toBe('cannot be read (ENOENT)');
});
