import fs from 'node:fs';
import path from 'node:path';

/** One line of the ledger: what a step did, written by the step itself. Times are of this machine's monotonic clock. */
export interface LedgerRecord {
  readonly job: string;
  readonly attempt: number;
  readonly step: number;
  readonly instance: string;
  readonly pid: number;
  readonly phase: 'start' | 'alive' | 'end';
  /** Lines printed so far. */
  readonly printed: number;
  readonly atMs: number;
  readonly exitCode?: number;
}

const WORK = path.resolve('e2e/support/programs/work.mjs');

export interface WorkPlan {
  readonly lines?: number;
  readonly everyMs?: number;
  readonly holdMs?: number;
  readonly untilFile?: string;
  readonly exitCode?: number;
}

/** What the steps did, independent of what the product says they did. */
export class Ledger {
  constructor(readonly file: string) {
    fs.writeFileSync(file, '', { flag: 'a', mode: 0o666 });
  }

  /** The command of a step that works as planned and keeps this ledger. */
  command({ lines = 0, everyMs = 0, holdMs = 0, untilFile, exitCode = 0 }: WorkPlan): string {
    const words = [process.execPath, WORK, this.file, '--lines', lines, '--every', everyMs, '--hold', holdMs];
    if (untilFile) words.push('--until', untilFile);
    return `exec ${[...words, '--exit', exitCode].map((word) => `'${word}'`).join(' ')}`;
  }

  /** A step that does nothing but leave its mark, at the price of a shell: for tests that need many of them. */
  mark(): { readonly run: string; readonly shell: 'sh' } {
    const format =
      '{"job":"%s","attempt":%s,"step":%s,"instance":"%s","pid":%s,"phase":"%s","printed":0,"atMs":%s%s}\\n';
    // hundredths of a second since the machine was started: the clock that work.mjs reads, only coarser
    const values = '"$DIBS_JOB_ID" $DIBS_ATTEMPT $DIBS_STEP "$DIBS_INSTANCE" $$ $1 "${up%.*}${up#*.}0" "$2"';
    const note = `note() { read up _ < /proc/uptime; printf '${format}' ${values} >> '${this.file}'; }`;
    return { run: `${note}; note start; note end ',"exitCode":0'`, shell: 'sh' };
  }

  records(): LedgerRecord[] {
    const text = fs.readFileSync(this.file, 'utf8');
    // a write under way has no line end yet
    const complete = text.slice(0, text.lastIndexOf('\n') + 1);
    return complete
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LedgerRecord);
  }

  jobsWithSeveralAttempts(): string[] {
    const attempts = new Map<string, Set<number>>();
    for (const { job, attempt } of this.records()) attempts.set(job, (attempts.get(job) ?? new Set()).add(attempt));
    return [...attempts].filter(([, numbers]) => numbers.size > 1).map(([job]) => job);
  }

  of(job: string, attempt?: number): LedgerRecord[] {
    return this.records().filter((item) => item.job === job && (attempt === undefined || item.attempt === attempt));
  }
}
