import type { LogBatch } from '@dibs/shared';

export interface LinesMeasured {
  readonly minStep: number;
  readonly maxStep: number;
  /** Of the texts in UTF-8 with a line end each. */
  readonly bytes: number;
  /** All are of one step and none is a gap record: number and bytes are all there is to know of them. */
  readonly isUniform: boolean;
}

/** In one pass: this is done for every line that any job prints. */
export function measureLines(lines: LogBatch['lines']): LinesMeasured {
  let [minStep, maxStep, bytes, hasGap] = [Infinity, -Infinity, 0, false];
  for (const line of lines) {
    const step = line[1];
    if (step < minStep) minStep = step;
    if (step > maxStep) maxStep = step;
    bytes += Buffer.byteLength(line[3]) + 1;
    if (line.length > 4) hasGap = true;
  }
  return { minStep, maxStep, bytes, isUniform: minStep === maxStep && !hasGap };
}
