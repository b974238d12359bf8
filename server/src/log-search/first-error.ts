import { isRedrawn, type WireLogLine } from '@dibs/shared';

/** The line that tells best why a job failed. */
export interface ErrorLine {
  readonly seq: number;
  readonly step: number;
  /** As a terminal shows it. */
  readonly text: string;
}

/**
 * Words with which programs begin to complain. Not `error` inside of a word (`error_count`, `--fail-fast`), except at the
 * end of a name with capitals, as exceptions have them (`ValueError`, `NullPointerException`).
 */
const COMPLAINS =
  /(?<![\w-])(?:errors?|fatal|panic|panicked|failed|failure|fail|exception|segmentation fault|abort(?:ed)?|denied|cannot|could not|unable to|no such file|not found|killed|oom)(?![\w-]|\.\w)/i;
const COMPLAINS_BY_NAME = /[a-z](?:Error|Exception)(?!\w)|(?<![\w-])(?:ERR!|E:)|[✗✖]/;
/** Says that there was none, or only counts them. */
const DENIES =
  /\b(?:no|0|zero|without|ignor\w+|if|on|retry\w*|expected)\s+(?:\w+\s+){0,2}(?:errors?|fail\w*|exceptions?)\b|\b(?:errors?|fail\w*)\s*[:=]\s*0\b/i;
/** A line is looked at for so far. */
const LOOKED_AT = 2_000;

/**
 * Finds it while the lines go by: the first one of the failed step that complains; else the last one on its error
 * stream, else its last one. Empty lines do not count, and neither does what Dibs itself says, unless nobody else spoke.
 */
export class FirstErrorFinder {
  private complaint: ErrorLine | null = null;
  private onErrorStream: ErrorLine | null = null;
  private last: ErrorLine | null = null;
  private bySystem: ErrorLine | null = null;

  /** @param step the one that failed; null: none did, so it may have been any */
  constructor(private readonly step: number | null) {}

  add(seq: number, [, step, stream, , gap]: WireLogLine, text: string): void {
    if (this.complaint || gap || isRedrawn(stream) || (this.step !== null && step !== this.step) || text.trim() === '')
      return;
    const line = { seq, step, text };
    if (stream === 's') {
      this.bySystem = line;
      return;
    }
    const looked = text.slice(0, LOOKED_AT);
    if ((COMPLAINS.test(looked) || COMPLAINS_BY_NAME.test(looked)) && !DENIES.test(looked)) this.complaint = line;
    if (stream === 'e') this.onErrorStream = line;
    this.last = line;
  }

  get found(): ErrorLine | null {
    return this.complaint ?? this.onErrorStream ?? this.last ?? this.bySystem;
  }
}
