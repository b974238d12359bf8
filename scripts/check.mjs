/**
 * Runs npm scripts beside each other, as many at a time as there are cores: `node scripts/check.mjs check:lint check:types`.
 * All of them, whether one fails or not; what one prints is shown when it has ended. Name the longest first.
 */
import { spawn } from 'node:child_process';
import os from 'node:os';
import { dim, duration, main, Problem } from './lib/terminal.mjs';

const waiting = process.argv.slice(2);
const failed = [];

await main(async () => {
  await Promise.all(Array.from({ length: os.availableParallelism() }, runRest));
  if (failed.length > 0) throw new Problem(`failed: ${failed.join(', ')}`);
});

async function runRest() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const startedAtMs = performance.now();
    const { code, output } = await run(name);
    if (code !== 0) failed.push(name);
    const took = duration(performance.now() - startedAtMs);
    console.log(`${dim(`${name} ${code === 0 ? 'passed' : 'FAILED'}, ${took}`)}\n${output}`.trimEnd());
  }
}

function run(name) {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', name], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // npm is a script there that only a shell finds
      shell: process.platform === 'win32',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (data) => (output += data));
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}
