import type { WireLogLine } from '../job/log-line.js';
import type { HeldAttempt } from './renew.js';

/** Lines `firstSeq`, `firstSeq + 1`, … of one attempt. A batch that is already stored is acknowledged again. */
export interface LogBatch extends HeldAttempt {
  readonly firstSeq: number;
  readonly lines: readonly WireLogLine[];
}

/** Also the extra field of an E_GAP refusal: the runner goes on with line `ackedSeq + 1`. */
export interface LogAcknowledged {
  /** Every line up to this one is committed. */
  readonly ackedSeq: number;
}
