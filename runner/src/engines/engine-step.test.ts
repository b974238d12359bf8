import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findTree } from '../process/process-table.js';
import { EngineRefusal, type EngineCalls } from './engine.js';
import { EngineStep } from './engine-step.js';

let folder: string;
let jobId: string;
beforeEach(() => {
  jobId = randomUUID();
  folder = mkdtempSync(join(tmpdir(), 'dibs-engine-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @param script of sh, in the place of the engine */
function start(script: string, work: (calls: EngineCalls, signal: AbortSignal) => Promise<void>, pipeGraceMs = 100) {
  const program = join(folder, 'engine');
  writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const said: string[] = [];
  let shown = '';
  let wake = (): void => undefined;
  const step = new EngineStep({
    program,
    process: {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '' },
      marker: { jobId, attempt: 1 },
      cgroupRoot: null,
      pipeGraceMs,
    },
    onOutput: (_stream, chunk) => {
      shown += chunk.toString();
      wake();
    },
    onProcess: () => undefined,
    onEnded: () => undefined,
    say: (line) => void said.push(line),
    work,
  });
  const prints = async (text: string): Promise<void> => {
    while (!shown.includes(text)) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { step, prints, said, shown: () => shown };
}

const run = (calls: EngineCalls) => calls.run(['first']);
const interrupt = (graceMs: number) => ({ signal: 'SIGINT', graceMs, to: 'leader' }) as const;
const ANY_TIME_MS = 3_600_000;

test('an engine that does not heed the interrupt is killed after its grace, with all it has started', async () => {
  const { step, prints } = start(`trap '' INT; sleep 3600 & echo ready; wait; wait`, run);
  await prints('ready');
  await step.terminate(interrupt(50));
  expect(await step.ended).toMatchObject({ exitCode: null, signal: 'SIGKILL', survivors: 0 });
  expect(await findTree({ jobId, attempt: 1 }, null)).toEqual([]);
});

test('what outlives an interrupted engine is not waited for as long as the engine itself', async () => {
  const { step, prints } = start(`trap 'exit 1' INT; sleep 3600 & echo ready; wait`, run);
  await prints('ready');
  await step.terminate(interrupt(ANY_TIME_MS));
  expect(await step.ended).toMatchObject({ exitCode: 1, leftoversKilled: 1 });
});

test('nothing is called after a stop, and a stop that is repeated is no second interrupt', async () => {
  const script = `[ $1 = first ] || echo SECOND; trap 'n=$((n+1)); echo heard $n' INT; echo ready; while [ ! -e go ]; do sleep 0.01; done`;
  const { step, prints, shown } = start(script, async (calls) => {
    await calls.run(['first']);
    await calls.run(['second']);
  });
  await prints('ready');
  void step.terminate(interrupt(ANY_TIME_MS));
  await prints('heard 1');
  void step.terminate(interrupt(ANY_TIME_MS));
  writeFileSync(join(folder, 'go'), '');
  expect(await step.ended).toMatchObject({ exitCode: null, signal: null });
  expect(shown()).toBe('ready\nheard 1\n');
});

test('a stop ends what is done between two calls', async () => {
  const { step } = start('', (_calls, signal) => {
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
  });
  await step.kill();
  expect(await step.ended).toMatchObject({ exitCode: null, signal: null });
});

test('what is read is not shown, and a call that fails ends the step with its exit code', async () => {
  const { step, prints, said } = start(
    `echo "$1 to stdout"; echo "$1 to stderr" >&2; [ $1 = read ] || exit 7`,
    async (calls) => {
      expect(await calls.read(['read'])).toBe('read to stdout\n');
      await calls.run(['run']);
    },
  );
  await prints('read to stderr');
  expect(await step.ended).toMatchObject({ exitCode: 7 });
  expect(said).toEqual([]);
});

test.each([
  [new EngineRefusal('plan_unavailable', 'gone'), { exitCode: null, failure: 'plan_unavailable' }],
  [new EngineRefusal('step_failed', 'wrong'), { exitCode: 1 }],
  [new Error('disk full'), { exitCode: 1 }],
])('%s ends the step and is said', async (error, end) => {
  const { step, said } = start('', () => Promise.reject(error));
  expect(await step.ended).toMatchObject(end);
  expect(said).toEqual([error.message]);
});
