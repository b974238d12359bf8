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
const options = {
  command: ['/bin/sh', '-c', 'exit 7'], cwd: '/', env: { PATH: '/usr/bin:/bin' }, marker: { jobId: 'job', attempt: 1 },
  cgroupRoot: null, onStdout: () => undefined, onStderr: () => undefined,
};
const run = () => spawnTree(options).ended;
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
// and with none of them free when a program has ended that left a daemon behind
const daemon = spawnTree({ ...options, pipeGraceMs: 100,
  command: ['/bin/sh', '-c', 'setsid sleep 300 & sleep 0.3'] });
const taken = [];
try { for (;;) taken.push(openSync('/dev/null')); } catch {}
setTimeout(() => taken.forEach((descriptor) => closeSync(descriptor)), 1500);
const { leftoversKilled, survivors } = await daemon.ended;
console.log(JSON.stringify({ ends, daemon: { leftoversKilled, survivors } }));
`;

test('without free descriptors a program is not started, which is said; the process goes on', async () => {
  const tree = new URL('../dist/process/process-tree.js', import.meta.url).href;
  const limited = 'ulimit -n 128; exec "$0" --input-type=module -e "$1" "$2"';
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', limited, process.execPath, PROGRAM, tree]);
  const { ends, daemon } = JSON.parse(stdout) as { ends: Ended[]; daemon: unknown };
  expect(ends[0]).toEqual({ free: 0, exitCode: null, why: expect.stringContaining('EMFILE') });
  for (const { exitCode, why } of ends) if (exitCode !== 7) expect(why).toContain('EMFILE');
  expect(ends.at(-1)).toMatchObject({ exitCode: 7 });
  // what could not be seen was not taken for gone
  expect(daemon).toEqual({ leftoversKilled: 1, survivors: 0 });
});
