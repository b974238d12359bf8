import { createHash, type Hash } from 'node:crypto';
import type { LogCut, LogMissing, WireLogLine } from '@dibs/shared';
import { withLineEnd } from '@dibs/shared';
import type { StoredLogCount } from '../domain/logs/log-receipt.js';
import type { StoredChunk } from './log-read.repository.js';

/** So many are told one by one; the others are only counted. */
export const MOST_MISSING_PARTS = 100;

/**
 * Counts a stored log chunk by chunk, in order, in the way its runner did (`runner/src/logs/log-counts.ts`), and notes
 * which numbers are not there. A chunk that cannot be read counts as not there.
 */
export class StoredLogCounter {
  private readonly steps = new Map<number, { lines: number; bytes: number; readonly hash: Hash }>();
  private readonly missing: LogMissing[] = [];
  private missingParts = 0;
  private nextSeq = 1;
  private cut: LogCut | null = null;
  /** Lines were left out while they were counted: it must be done again. */
  isDisturbed = false;

  add({ first_seq: firstSeq, last_seq: lastSeq, lines: json }: StoredChunk): void {
    const lines = linesOf(json, firstSeq, lastSeq);
    if (lines === null) return;
    this.isDisturbed ||= firstSeq < this.nextSeq;
    this.notStored(firstSeq - 1);
    const gapOfCut = lines[0]?.[4];
    if (gapOfCut?.lastSeq !== undefined) {
      this.cut = {
        firstSeq,
        lastSeq,
        lines: gapOfCut.lines ?? 0,
        bytes: gapOfCut.bytes ?? 0,
        steps: gapOfCut.steps ?? [],
      };
      this.nextSeq = lastSeq + 1;
      return;
    }
    let [step, text] = [NaN, ''];
    lines.forEach((line, index) => {
      const [, stepOfLine, , , gap] = line;
      if (gap) return this.note({ firstSeq: firstSeq + index, lastSeq: firstSeq + index, ...gap });
      if (stepOfLine !== step) {
        this.take(step, text);
        [step, text] = [stepOfLine, ''];
      }
      this.countOf(step).lines += 1;
      text += withLineEnd(line);
    });
    this.take(step, text);
    this.nextSeq = lastSeq + 1;
  }

  /** @param lastSeq of the attempt */
  result(lastSeq: number): StoredLogCount {
    this.notStored(lastSeq);
    const steps = [...this.steps].map(([step, { lines, bytes, hash }]) => {
      return { step, lines, bytes, sha256: hash.copy().digest('hex') };
    });
    return { steps, missing: this.missing, missingParts: this.missingParts, cut: this.cut };
  }

  private take(step: number, text: string): void {
    if (text === '') return;
    const bytes = Buffer.from(text);
    const count = this.countOf(step);
    count.bytes += bytes.length;
    count.hash.update(bytes);
  }

  private countOf(step: number): { lines: number; bytes: number; readonly hash: Hash } {
    let count = this.steps.get(step);
    if (!count) this.steps.set(step, (count = { lines: 0, bytes: 0, hash: createHash('sha256') }));
    return count;
  }

  /** The numbers up to this one are not there. */
  private notStored(lastSeq: number): void {
    if (lastSeq < this.nextSeq) return;
    const lines = lastSeq - this.nextSeq + 1;
    this.note({ firstSeq: this.nextSeq, lastSeq, lines, reason: 'not_stored' });
    this.nextSeq = lastSeq + 1;
  }

  private note(missing: LogMissing): void {
    this.missingParts += 1;
    if (this.missing.length < MOST_MISSING_PARTS) this.missing.push(missing);
  }
}

/** null: not what was stored under these numbers. */
function linesOf(json: string, firstSeq: number, lastSeq: number): readonly WireLogLine[] | null {
  try {
    const lines = JSON.parse(json) as unknown;
    if (!Array.isArray(lines) || !lines.every(Array.isArray)) return null;
    const known = lines as unknown as WireLogLine[];
    return known.length === lastSeq - firstSeq + 1 || known[0]?.[4]?.lastSeq === lastSeq ? known : null;
  } catch {
    return null;
  }
}
