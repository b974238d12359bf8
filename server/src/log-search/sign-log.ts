import { withoutEscapes, type WireLogLine } from '@dibs/shared';
import type { StoredChunk } from '../logs/log-read.repository.js';
import { errorFingerprint, errorPattern } from './error-fingerprint.js';
import { FirstErrorFinder } from './first-error.js';
import type { ErrorToKeep, SignedLog, UnsignedLog } from './log-index.repository.js';
import { LogSigner } from './log-signature.js';

/** Of the line that is kept; the log has all of it. */
const MAX_ERROR_CHARACTERS = 500;
/** An escape sequence, or a character that is one, as JSON has them. */
const ESCAPE_IN_JSON = /\\u001b|[\u0080-\u009f]/;

/** Goes once over the chunks of one log, in order. */
export class SignedLogMaker {
  private readonly signer = new LogSigner();
  private readonly finder: FirstErrorFinder | null;

  constructor(private readonly log: UnsignedLog) {
    this.finder = log.hasFailed ? new FirstErrorFinder(log.failedStep) : null;
  }

  add({ first_seq: firstSeq, last_seq: lastSeq, lines: json }: StoredChunk): void {
    const hasEscapes = ESCAPE_IN_JSON.test(json);
    const lines = JSON.parse(json) as WireLogLine[];
    for (let index = 0; index < lines.length; index += 1) {
      const line = lines[index]!;
      const text = hasEscapes ? withoutEscapes(line[3]) : line[3];
      // one line may stand for all numbers of its chunk
      this.signer.add(text, index === lines.length - 1 ? lastSeq : firstSeq + index);
      this.finder?.add(firstSeq + index, line, text);
    }
  }

  finish(): SignedLog {
    const { organizationId, jobId, attempt, lastSeq } = this.log;
    const signatures = this.signer.finish(lastSeq);
    return { organizationId, jobId, attempt, signatures, error: this.errorToKeep() };
  }

  private errorToKeep(): ErrorToKeep | null {
    const error = this.finder?.found ?? null;
    if (error === null) return null;
    const line = storable(error.text.trim().slice(0, MAX_ERROR_CHARACTERS));
    const pattern = storable(errorPattern(error.text));
    const { seq, step } = error;
    return { attempt: this.log.attempt, seq, step, line, pattern, fingerprint: errorFingerprint(pattern) };
  }
}

/** PostgreSQL's text holds neither NUL nor halves of surrogate pairs. */
function storable(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '␀');
}
