import type { LogGap, WireLogLine } from '@dibs/shared';

export interface SpoolOptions {
  /** Unacknowledged bytes after which `pressure()` holds writers back. Default 256 MiB. */
  readonly maxUnackedBytes?: number;
  /** Pause between tries to write to a disk that refuses. Default 500. */
  readonly retryMs?: number;
}

export interface LineBatch {
  readonly firstSeq: number;
  readonly lines: readonly WireLogLine[];
}

/**
 * The attempt's log on disk until the server has it: a folder of append-only files of JSON lines.
 * Numbers are given by `append`, in order, from 1.
 */
export declare class Spool {
  /** Opens or makes the spool in `folder`; drops a torn last line. */
  static open(folder: string, options?: SpoolOptions): Promise<Spool>;
  /** Number of the last line appended; 0: none. */
  readonly lastSeq: number;
  /** Every line up to this one can be read (is in the file). */
  readonly readableSeq: number;
  readonly ackedSeq: number;
  readonly bytesUnacked: number;
  /** Set while the disk refuses writes (full, read-only): the lines wait in memory and writers are held back. */
  readonly trouble: Error | null;
  append(line: WireLogLine): number;
  /** undefined: go on. Else: hold the writers until it resolves. */
  pressure(): Promise<void> | undefined;
  /** Called whenever `readableSeq` grew. One listener. */
  onReadable: (() => void) | null;
  /** Everything appended so far is readable. */
  flushed(): Promise<void>;
  /** At least one line when there is one, then as many as both limits allow. */
  read(fromSeq: number, limits: { maxLines: number; maxBytes: number }): Promise<LineBatch>;
  /** The server has everything up to `seq`; frees the disk. When the server has more than the spool (the host crashed),
   * numbering goes on after `seq` and a gap record says so. */
  acked(seq: number): void;
  gap(step: number, gap: LogGap, text: string): number;
  /** Writes and fsyncs what is there. */
  close(): Promise<void>;
  /** close + remove the folder. */
  dispose(): Promise<void>;
}
