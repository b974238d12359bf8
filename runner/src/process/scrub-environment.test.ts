import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';
import { execa } from 'execa';

/** In a process of its own, because only its first environment is in /proc. */
test('variables disappear from process.env, from /proc and from children; the rest stays', async () => {
  const source = readFileSync(fileURLToPath(new URL('./scrub-environment.ts', import.meta.url)), 'utf8');
  const { code } = transformSync(source, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } });
  const program = `${code}
    import { execFileSync } from 'node:child_process';
    const before = readFileSync('/proc/self/environ', 'utf8').includes('hunter2');
    const visible = scrubEnvironment(['RUNNER_TOKEN', 'RUNNER_CLIENT_SECRET', 'NOT_SET']);
    console.log(JSON.stringify({
      before,
      visible,
      own: process.env.RUNNER_TOKEN ?? null,
      kept: process.env.KEPT,
      proc: readFileSync('/proc/self/environ', 'latin1'),
      child: execFileSync('sh', ['-c', 'env; tr "\\\\0" "\\\\n" < /proc/' + process.pid + '/environ'], { encoding: 'utf8' }),
    }));`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', program], {
    env: {
      PATH: process.env.PATH,
      RUNNER_TOKEN: 'hunter2-token',
      KEPT: 'kept',
      RUNNER_CLIENT_SECRET: 'hunter2-secret',
    },
    extendEnv: false,
  });
  const told = JSON.parse(stdout) as Record<string, unknown>;
  expect(told).toMatchObject({ before: true, visible: [], own: null, kept: 'kept' });
  expect(told.proc).toContain('KEPT=kept');
  expect(told.proc).not.toMatch(/hunter2|RUNNER_/);
  expect(told.child).toContain('KEPT=kept');
  expect(told.child).not.toMatch(/hunter2|RUNNER_/);
});
