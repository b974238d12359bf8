/**
 * What to do with a batch of log lines, judged by numbers alone. Lines are numbered at the source, so this is all it
 * takes to store every line once and in order, whatever the network repeats.
 */
export type LogDecision =
  /** Store the batch without its first `skip` lines: those are stored already. */
  | { readonly kind: 'append'; readonly skip: number }
  /** Every line is stored already. */
  | { readonly kind: 'duplicate' }
  /** Lines before the batch are missing: storing it would leave a hole. */
  | { readonly kind: 'gap' };

/**
 * @param lastSeq number of the last stored line of the attempt; 0: none
 * @param firstSeq number of the batch's first line, from 1
 * @param count lines in the batch, at least 1
 */
export function decideLogAppend(lastSeq: number, firstSeq: number, count: number): LogDecision {
  if (firstSeq > lastSeq + 1) return { kind: 'gap' };
  if (firstSeq + count - 1 <= lastSeq) return { kind: 'duplicate' };
  return { kind: 'append', skip: lastSeq + 1 - firstSeq };
}
