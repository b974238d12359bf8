import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { Installation } from './support/installation.js';

/** Traps every signal it may, forks, leaves its session, and keeps the pipe open: ends by SIGKILL to the tree alone. */
const STUBBORN = `
trap '' INT TERM HUP
note() { echo "$BASHPID $1" >> "$LEDGER"; }
note step
( trap '' INT TERM HUP; note fork; while :; do sleep 1; done ) &
setsid bash -c 'trap "" INT TERM HUP; echo "$$ setsid" >> "$LEDGER"; while :; do sleep 1; done' &
setsid bash -c '( trap "" INT TERM HUP; echo "$BASHPID double" >> "$LEDGER"; while :; do sleep 1; done ) & disown' &
while :; do sleep 1; done
`;

let installation: Installation;
beforeEach(async () => {
  installation = await Installation.start();
});
afterEach(() => installation.stop());

function processes(ledger: string): { pid: number; what: string }[] {
  const lines = fs.existsSync(ledger) ? fs.readFileSync(ledger, 'utf8').split('\n') : [];
  return lines
    .filter((line) => line !== '')
    .map((line) => ({ pid: Number(line.split(' ')[0]), what: line.split(' ')[1]! }));
}

function stillRuns(pid: number): boolean {
  try {
    // Z: has ended and waits to be collected
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a cancel ends the whole tree of a job that resists', () => {
  test.each(['graceful', 'kill'] as const)('%s', async (mode) => {
    const runner = await installation.startRunner();
    const ledger = path.join(installation.folder, 'tree');
    const { id } = await installation.api.submit({ steps: [{ run: STUBBORN }], env: { LEDGER: ledger } });
    const tree = await eventually('the tree stands', () => {
      const found = processes(ledger);
      return found.length === 4 ? found : undefined;
    });
    expect(tree.map((item) => item.what).sort()).toEqual(['double', 'fork', 'setsid', 'step']);
    expect(tree.filter((item) => !stillRuns(item.pid))).toEqual([]);

    await installation.api.cancel(id, mode);
    const job = await installation.api.finished(id);
    expect({ state: job.state, reason: job.reason }).toEqual({ state: 'canceled', reason: 'canceled' });
    expect(tree.filter((item) => stillRuns(item.pid))).toEqual([]);
    // and its workspace is gone
    const workspaces = path.join(runner.workDir, 'workspaces');
    await eventually('workspace removed', () => (filesBelow(workspaces, id).length === 0 ? true : undefined));

    // the runner is free for the next job
    const next = await installation.api.submit({ steps: [{ run: installation.ledger.command({ lines: 1 }) }] });
    expect(await installation.judge(await installation.api.finished(next.id))).toEqual([]);
  });
});

function filesBelow(folder: string, jobId: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).filter((name) => name.includes(jobId));
}
