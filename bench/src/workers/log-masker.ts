import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { LogText } from '../support/log-text.js';
import { say, setting } from '../support/worker-process.js';

/** What is used of the runner's own parts, as built. */
interface Spool {
  acked(seq: number): void;
  flushed(): Promise<void>;
  dispose(): Promise<void>;
}
interface JobLog {
  readonly lastSeq: number;
  write(step: number, stream: 'stdout', chunk: Buffer): Promise<void> | undefined;
  end(step: number): void;
}
interface Parts {
  readonly Spool: { open(folder: string): Promise<Spool> };
  readonly JobLog: new (options: { spool: Spool; secrets: Record<string, string>; now: () => number }) => JobLog;
}

/**
 * A process in which output goes the way it goes in a runner: split, masked, numbered and written to the spool. It says
 * what a line costs with and without secrets to look for, in turns, in processor time.
 */
const SECRETS = 10;
const lines = Number(setting('BENCH_LINES'));
const rounds = Number(setting('BENCH_ROUNDS'));
const lineBytes = Number(setting('BENCH_LINE_BYTES'));
const writeBytes = Number(setting('BENCH_WRITE_BYTES'));

const { Spool } = (await partOf('spool')) as Pick<Parts, 'Spool'>;
const { JobLog } = (await partOf('job-log')) as Pick<Parts, 'JobLog'>;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dibs-bench-mask-'));
const texts = new LogText();
const output = Buffer.from(Array.from({ length: lines }, () => `${texts.line('').slice(-lineBytes + 1)}\n`).join(''));
const secrets = Object.fromEntries(
  Array.from({ length: SECRETS }, (_, index) => [`SECRET_${index}`, randomBytes(20).toString('base64url')]),
);
const unmasked: number[] = [];
const masked: number[] = [];
for (let round = 0; round <= rounds; round += 1) {
  const [without, withSecrets] = [await cpuPerLine({}), await cpuPerLine(secrets)];
  // the first one is compiled meanwhile
  if (round === 0) continue;
  unmasked.push(without);
  masked.push(withSecrets);
}
fs.rmSync(folder, { recursive: true, force: true });
say({ msg: 'masked', unmasked, masked });

/** Microseconds. */
async function cpuPerLine(given: Record<string, string>): Promise<number> {
  const spool = await Spool.open(path.join(folder, 'spool'));
  const log = new JobLog({ spool, secrets: given, now: Date.now });
  // the forms of secrets are made when the first output comes
  void log.write(0, 'stdout', Buffer.from('\n'));
  const before = process.cpuUsage();
  for (let at = 0; at < output.length; at += writeBytes) {
    const held = log.write(0, 'stdout', output.subarray(at, at + writeBytes));
    if (!held) continue;
    await spool.flushed();
    spool.acked(log.lastSeq);
  }
  log.end(0);
  await spool.flushed();
  const { user, system } = process.cpuUsage(before);
  await spool.dispose();
  return (user + system) / lines;
}

function partOf(name: string): Promise<unknown> {
  return import(pathToFileURL(path.resolve(`runner/dist/logs/${name}.js`)).href);
}
