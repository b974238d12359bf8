import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

interface Ended {
  readonly free: number;
  readonly exitCode: number | null;
  readonly why?: string;
}

/** Of a process of its own, which takes all of its descriptors and starts a program with so many of them free. */
const PROGRAM = `
import { closeSync, openSync } from 'node:fs';
const { spawnTree } = await import(process.argv[1]);
const run = () => spawnTree({
  command: ['/bin/sh', '-c', 'exit 7'], cwd: '/', env: { PATH: '/usr/bin:/bin' }, marker: { jobId: 'job', attempt: 1 },
  cgroupRoot: null, onStdout: () => undefined, onStderr: () => undefined,
}).ended;
const ends = [];
for (let free = 0; free <= 12; free += 1) {
  const taken = [];
  try { for (;;) taken.push(openSync('/dev/null')); } catch {}
  for (const descriptor of taken.splice(0, free)) closeSync(descriptor);
  const { exitCode, spawnError } = await run();
  ends.push({ free, exitCode, why: spawnError?.message });
  for (const descriptor of taken) closeSync(descriptor);
}
ends.push({ free: Infinity, exitCode: (await run()).exitCode });
console.log(JSON.stringify(ends));
`;

test('without free descriptors a program is not started, which is said; the process goes on', async () => {
  const tree = new URL('../dist/process/process-tree.js', import.meta.url).href;
  const limited = 'ulimit -n 128; exec "$0" --input-type=module -e "$1" "$2"';
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', limited, process.execPath, PROGRAM, tree]);
  const ends = JSON.parse(stdout) as Ended[];
  expect(ends[0]).toEqual({ free: 0, exitCode: null, why: expect.stringContaining('EMFILE') });
  for (const { exitCode, why } of ends) if (exitCode !== 7) expect(why).toContain('EMFILE');
  expect(ends.at(-1)).toMatchObject({ exitCode: 7 });
});
