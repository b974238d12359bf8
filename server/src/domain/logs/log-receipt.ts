import type { LogCut, LogMissing, LogReceiptStatus, StepLogCount, StepLogReceipt } from '@dibs/shared';

/** What the server found when it counted a log that has ended. */
export interface StoredLogCount {
  readonly steps: readonly StepLogCount[];
  /** The first of them; in order. */
  readonly missing: readonly LogMissing[];
  /** How many there are. */
  readonly missingParts: number;
  /** null, or not there in those of older servers: nothing was left out. */
  readonly cut?: LogCut | null;
}

export interface ReceiptJudged {
  readonly status: Exclude<LogReceiptStatus, 'pending'>;
  readonly lines: number;
  readonly bytes: number;
  readonly steps: readonly StepLogReceipt[];
  /** One plain sentence or more. */
  readonly text: string;
}

/**
 * Compares what the runner counted with what is stored.
 *
 * @param counted null: the runner did not say
 * @param lastSeq of the attempt; with `isTold` by the runner's own word: 0 needs no further counting
 */
export function judgeLog(
  counted: readonly StepLogCount[] | null,
  stored: StoredLogCount,
  { lastSeq, isTold }: { readonly lastSeq: number; readonly isTold: boolean },
): ReceiptJudged {
  const { cut = null } = stored;
  const steps = compared(counted, stored.steps, cut);
  const lines = sum(stored.steps, 'lines');
  const bytes = sum(stored.steps, 'bytes');
  const different = steps.filter(({ isSame }) => isSame === false);
  const amount = `${number(lines)} ${lines === 1 ? 'line' : 'lines'} (${number(bytes)} bytes)`;
  const known = { lines, bytes, steps };
  if (stored.missingParts > 0 || different.length > 0) {
    const text = [...missingInWords(stored), ...different.map(differenceInWords)].join(' ');
    return { ...known, status: 'incomplete', text };
  }
  if (cut !== null) {
    const out = `${number(cut.lines)} lines (${number(cut.bytes)} bytes) were left out, numbers ${cut.firstSeq} to ${cut.lastSeq}`;
    const text = `Cut: ${out}, because the log is longer than it may be. ${amount} are stored.`;
    return { ...known, status: 'cut', text };
  }
  if (counted !== null || (lastSeq === 0 && isTold)) {
    const text = lines === 0 ? 'Complete: nothing was printed.' : `Complete: ${amount}, as the runner counted them.`;
    return { ...known, status: 'complete', text };
  }
  const text = `${amount} are stored without a hole. The runner did not say how many it had written.`;
  return { ...known, status: 'unknown', text };
}

function compared(
  counted: readonly StepLogCount[] | null,
  stored: readonly StepLogCount[],
  cut: LogCut | null,
): StepLogReceipt[] {
  const numbers = new Set([...(counted ?? []), ...stored].map(({ step }) => step));
  return [...numbers]
    .sort((a, b) => a - b)
    .map((step) => {
      const found = stored.find((count) => count.step === step) ?? { step, ...NOTHING };
      if (counted === null) return { step, counted: null, stored: parts(found), isSame: null };
      const told = counted.find((count) => count.step === step) ?? { step, ...NOTHING };
      const out = cut?.steps.find((count) => count.step === step);
      const isSame =
        told.lines === found.lines + (out?.lines ?? 0) &&
        told.bytes === found.bytes + (out?.bytes ?? 0) &&
        (out !== undefined || told.sha256 === found.sha256);
      return { step, counted: parts(told), stored: parts(found), isSame };
    });
}

function parts({ lines, bytes, sha256 }: StepLogCount): Omit<StepLogCount, 'step'> {
  return { lines, bytes, sha256 };
}

/** Of a step that printed nothing. */
const NOTHING = {
  lines: 0,
  bytes: 0,
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
} as const;

const MOST_IN_WORDS = 3;

function missingInWords({ missing, missingParts }: StoredLogCount): string[] {
  const words = missing.slice(0, MOST_IN_WORDS).map(({ firstSeq, lastSeq, lines, reason }) => {
    if (reason === 'not_stored') {
      if (firstSeq === lastSeq) return `Line ${firstSeq} is missing.`;
      return `Lines ${firstSeq} to ${lastSeq} are missing.`;
    }
    const count = lines === null ? 'An unknown number of lines' : `${number(lines)} ${lines === 1 ? 'line' : 'lines'}`;
    return `${count} ${lines === 1 ? 'was' : 'were'} lost before line ${firstSeq}, which says so.`;
  });
  const more = missingParts - words.length;
  return more > 0 ? [...words, `${number(more)} more parts are missing.`] : words;
}

function differenceInWords({ step, counted, stored }: StepLogReceipt): string {
  const where = step < 0 ? 'The preparation' : `Step ${step} (counted from 0)`;
  if (counted === null || counted.lines === stored.lines) return `${where} is not stored as the runner wrote it.`;
  return `${where} has ${number(stored.lines)} of ${number(counted.lines)} lines.`;
}

function sum(counts: readonly StepLogCount[], what: 'lines' | 'bytes'): number {
  return counts.reduce((total, count) => total + count[what], 0);
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
