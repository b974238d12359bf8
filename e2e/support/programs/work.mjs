/**
 * What the steps of e2e jobs run: does nothing but leave traces that the product cannot fake.
 *
 *   node work.mjs LEDGER [--lines N] [--every MS] [--hold MS] [--until FILE] [--exit CODE]
 *
 * Prints N numbered lines, one every MS milliseconds (0: as fast as it goes), holds for MS, or until FILE exists, and
 * ends with CODE. The ledger gets one O_APPEND write + fsync per record: `start`, `alive` while it runs, `end`.
 */
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { lineOf } from './line-of.mjs';

const ALIVE_EVERY_MS = 40;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lines: { type: 'string', default: '0' },
    every: { type: 'string', default: '0' },
    hold: { type: 'string', default: '0' },
    until: { type: 'string' },
    exit: { type: 'string', default: '0' },
  },
});
const ledger = fs.openSync(positionals[0], 'a');
const who = {
  job: process.env.DIBS_JOB_ID,
  attempt: Number(process.env.DIBS_ATTEMPT),
  step: Number(process.env.DIBS_STEP),
  instance: process.env.DIBS_INSTANCE,
  pid: process.pid,
};
let printed = 0;

record('start');
const alive = setInterval(record, ALIVE_EVERY_MS, 'alive');
await print(Number(values.lines), Number(values.every));
await delay(Number(values.hold));
while (values.until && !fs.existsSync(values.until)) await delay(20);
clearInterval(alive);
record('end', { exitCode: Number(values.exit) });
process.exitCode = Number(values.exit);

async function print(lines, everyMs) {
  for (let number = 1; number <= lines; number += 1) {
    const roomLeft = process.stdout.write(`${lineOf(who, number)}\n`);
    printed = number;
    if (everyMs > 0) await delay(everyMs);
    // waits for a reader that is behind, as any program does
    else if (!roomLeft) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}

function record(phase, more = {}) {
  const atMs = Number(process.hrtime.bigint() / 1000n) / 1000;
  fs.writeSync(ledger, `${JSON.stringify({ ...who, phase, printed, atMs, ...more })}\n`);
  fs.fsyncSync(ledger);
}
