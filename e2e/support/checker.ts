import fs from 'node:fs';
import { isTerminal, type JobDetail, type LogRow } from '@dibs/shared';
import type { LedgerRecord } from './ledger.js';
import { lineOf } from './programs/line-of.mjs';

/** Everything one finished job left behind. */
export interface Evidence {
  readonly job: JobDetail;
  /** What its steps wrote themselves. */
  readonly ledger: readonly LedgerRecord[];
  /** Stored log per attempt. */
  readonly logs: ReadonlyMap<number, readonly LogRow[]>;
  /** Attempts whose host was paused, or whose children outlived a killed runner. */
  readonly excused?: readonly number[];
}

/**
 * The invariants of docs/testing (FAULTS) that one job's evidence can break, judged by the ledger and not by the
 * product's own word. @returns one sentence per violation
 */
export function violations(evidence: Evidence): string[] {
  return [
    ...attemptsInOrder(evidence),
    ...noOverlap(evidence),
    ...nothingAfterTheEnd(evidence),
    ...successIsEarned(evidence),
    ...[...evidence.logs].flatMap(([attempt, rows]) => logIsWhatWasPrinted(evidence, attempt, rows)),
  ];
}

/** I1: live claims never overlap, attempts strictly increase, one instance for each. */
function attemptsInOrder({ job, ledger }: Evidence): string[] {
  const found: string[] = [];
  job.attempts.forEach((attempt, index) => {
    const next = job.attempts[index + 1];
    if (attempt.attempt !== index + 1) found.push(`I1: attempt ${attempt.attempt} at place ${index + 1}`);
    if (next && (attempt.finishedAt === null || attempt.finishedAt > next.claimedAt)) {
      found.push(`I1: attempt ${next.attempt} was claimed while ${attempt.attempt} was live`);
    }
    const instances = new Set(ledger.filter((item) => item.attempt === attempt.attempt).map((item) => item.instance));
    if ([...instances].some((name) => name !== attempt.claimedBy.instance)) {
      found.push(`I1: attempt ${attempt.attempt} of ${attempt.claimedBy.instance} ran on ${[...instances].join(', ')}`);
    }
  });
  const unknown = ledger.filter((item) => item.attempt < 1 || item.attempt > job.attempts.length);
  if (unknown.length > 0) found.push(`I1: ${unknown.length} records of attempts that were never claimed`);
  return found;
}

/** I2: what two attempts executed never overlaps. */
function noOverlap({ job, ledger, excused = [] }: Evidence): string[] {
  const found: string[] = [];
  for (let attempt = 1; attempt < job.attempts.length; attempt += 1) {
    if (excused.includes(attempt)) continue;
    const lastSign = Math.max(-Infinity, ...ledger.filter((item) => item.attempt === attempt).map((item) => item.atMs));
    const later = ledger.filter((item) => item.attempt > attempt).map((item) => item.atMs);
    if (lastSign > Math.min(Infinity, ...later))
      found.push(`I2: attempt ${attempt} still executed while a later one did`);
  }
  return found;
}

/** I6: a terminal job has no live attempt, and only its last attempt decides. */
function nothingAfterTheEnd({ job }: Evidence): string[] {
  if (!isTerminal(job.state)) return [`L2: the job is ${job.state}, not terminal`];
  const live = job.attempts.filter((attempt) => attempt.outcome === null);
  return live.map((attempt) => `I6: attempt ${attempt.attempt} is live in a job that is ${job.state}`);
}

/** I7: `succeeded` means that every step ended with exit code 0 in the ledger. */
function successIsEarned({ job, ledger }: Evidence): string[] {
  if (job.spec.executor.type === 'noop') return ledger.length === 0 ? [] : ['I7: a noop job executed something'];
  if (job.state !== 'succeeded') return [];
  const attempt = job.attempts.length;
  return job.spec.steps.flatMap((_step, step) => {
    const ends = ledger.filter((item) => item.attempt === attempt && item.step === step && item.phase === 'end');
    return ends.length === 1 && ends[0]!.exitCode === 0
      ? []
      : [
          `I7: succeeded, but step ${step} has ${ends.length} ends in the ledger (${ends.map((end) => end.exitCode).join()})`,
        ];
  });
}

/** I8-I10: the stored log is what was printed, in order, once, and nothing else; or a prefix of it and a gap record. */
function logIsWhatWasPrinted({ job, ledger }: Evidence, attempt: number, rows: readonly LogRow[]): string[] {
  const found: string[] = [];
  const misnumbered = rows.findIndex((row, index) => row.seq !== index + 1);
  if (misnumbered >= 0)
    found.push(`I9: row ${misnumbered + 1} of attempt ${attempt} has seq ${rows[misnumbered]!.seq}`);
  const hasGap = rows.some((row) => row.gap);
  const complete = job.attempts[attempt - 1]?.logComplete === true;
  let [lost, isOver] = [0, complete];
  for (let step = 0; step < job.spec.steps.length; step += 1) {
    const records = ledger.filter((item) => item.attempt === attempt && item.step === step);
    const printed = Math.max(0, ...records.map((item) => item.printed));
    const ended = records.some((item) => item.phase === 'end');
    const stored = rows.filter((row) => row.step === step && row.stream === 'stdout').map((row) => row.text);
    const wrong = stored.findIndex((text, index) => text !== lineOf({ job: job.id, attempt, step }, index + 1));
    if (wrong >= 0) found.push(`I8/I10: line ${wrong + 1} of attempt ${attempt} step ${step} is "${stored[wrong]}"`);
    lost += printed - stored.length;
    isOver &&= ended || records.length === 0;
    if (ended && complete && !hasGap && stored.length !== printed) {
      found.push(`I8: ${printed} lines were printed in attempt ${attempt} step ${step}, ${stored.length} are stored`);
    }
  }
  // the runner's own lines may be among those that a record counts; null: it does not know how many
  const told = rows.reduce<number | null>((sum, { gap }) => addUp(sum, gap?.lines), 0);
  if (isOver && hasGap && told !== null && lost > told) {
    found.push(`I17: ${lost} lines of attempt ${attempt} are not stored, its gap records tell of ${told}`);
  }
  return found;
}

function addUp(sum: number | null, lines: number | null | undefined): number | null {
  return sum === null || lines === null ? null : sum + (lines ?? 0);
}

/** I4: every job that was answered 201 is there, and none that was never sent. */
export function submitViolations(accepted: readonly string[], present: readonly string[], maybe: number): string[] {
  const there = new Set(present);
  const lost = accepted.filter((id) => !there.has(id));
  const known = new Set(accepted);
  const strangers = present.filter((id) => !known.has(id));
  return [
    ...lost.map((id) => `I4: job ${id} was accepted and is gone`),
    ...(there.size === present.length ? [] : ['I4: a job is listed twice']),
    // a submit whose answer was lost may or may not have happened
    ...(strangers.length <= maybe ? [] : [`I4: ${strangers.length} jobs nobody was told of, ${maybe} are explained`]),
  ];
}

/** I16: nothing of a finished attempt remains on the host. */
export function leftovers(ledger: readonly LedgerRecord[]): string[] {
  const pids = new Set(ledger.map((item) => item.pid));
  return [...pids].filter((pid) => isOurs(pid)).map((pid) => `I16: process ${pid} still runs`);
}

/** The pid may belong to somebody else by now. */
function isOurs(pid: number): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('work.mjs');
  } catch {
    return false;
  }
}
