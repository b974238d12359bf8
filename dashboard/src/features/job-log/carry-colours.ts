import type { ViewRow } from './log-rows';
import { penAfterLine } from './line-spans';
import { isSameSgr, PLAIN, type Sgr } from './sgr';

/**
 * The pens behind a line. Each step is another process, and its two streams are read from two pipes, between which the order
 * is not exact: a colour that was left on in one must not run into the other.
 */
export interface Pens {
  readonly step: number;
  readonly stdout: Sgr;
  readonly stderr: Sgr;
}

export const NO_PENS: Pens = { step: Number.NaN, stdout: PLAIN, stderr: PLAIN };

/** Tells each row with which pen it begins. @returns the pens behind the last one, too */
export function carryColours(rows: readonly ViewRow[], before: Pens): { rows: readonly ViewRow[]; pens: Pens } {
  let pens = before;
  const carried = rows.map((row) => {
    const pen = penOf(pens, row);
    pens = pensAfter(pens, row);
    return withPen(row, pen);
  });
  return { rows: carried, pens };
}

/**
 * The same for rows that were carried on without knowing what is above them: ends where that makes no difference any
 * more, mostly after a few lines.
 */
export function carryInto(rows: readonly ViewRow[], before: Pens): readonly ViewRow[] {
  let pens = before;
  const open = new Set<string>((['stdout', 'stderr'] as const).filter((stream) => before[stream] !== PLAIN));
  let changed: ViewRow[] | null = null;
  for (const [at, row] of rows.entries()) {
    if (open.size === 0 || row.step !== before.step || row.gap || row.foldedTo !== undefined) break;
    if (!open.has(row.stream)) continue;
    const pen = penOf(pens, row);
    if (isSameSgr(pen, row.pen ?? PLAIN)) {
      open.delete(row.stream);
      continue;
    }
    changed ??= [...rows];
    changed[at] = withPen(row, pen);
    pens = pensAfter(pens, row);
  }
  return changed ?? rows;
}

/** The pens behind rows that know theirs. */
export function pensBehind(rows: readonly ViewRow[]): Pens {
  const last = rows.at(-1);
  if (!last) return NO_PENS;
  const found: { stdout?: Sgr; stderr?: Sgr } = {};
  for (let at = rows.length - 1; at >= 0; at -= 1) {
    const row = rows[at]!;
    if (row.step !== last.step || row.gap || row.foldedTo !== undefined) break;
    if (row.stream !== 'system') found[row.stream] ??= penAfterLine(row.text, row.pen ?? PLAIN);
    if (found.stdout && found.stderr) break;
  }
  return { step: last.step, stdout: found.stdout ?? PLAIN, stderr: found.stderr ?? PLAIN };
}

function penOf(pens: Pens, { step, stream, gap, foldedTo }: ViewRow): Sgr {
  if (step !== pens.step || stream === 'system' || gap || foldedTo !== undefined) return PLAIN;
  return pens[stream];
}

function pensAfter(pens: Pens, row: ViewRow): Pens {
  // behind lines that are missing nobody knows
  if (row.gap || row.foldedTo !== undefined) return { ...NO_PENS, step: row.step };
  if (row.stream === 'system') return pens.step === row.step ? pens : { ...NO_PENS, step: row.step };
  const pen = penOf(pens, row);
  const next = penAfterLine(row.text, pen);
  if (row.step === pens.step && next === pens[row.stream]) return pens;
  return { ...(row.step === pens.step ? pens : NO_PENS), step: row.step, [row.stream]: next };
}

function withPen(row: ViewRow, pen: Sgr): ViewRow {
  if (isSameSgr(pen, row.pen ?? PLAIN)) return row;
  if (pen !== PLAIN) return { ...row, pen };
  const { pen: _old, ...plain } = row;
  return plain;
}
