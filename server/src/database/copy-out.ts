import pg, { type PoolClient } from 'pg';

/**
 * @param values in PostgreSQL's binary form, and only there until it returns: their memory is used again
 * @returns false: no more rows are wanted
 */
export type OnRow = (values: readonly (Buffer | null)[]) => boolean;

/**
 * Runs `COPY (SELECT …) TO STDOUT (FORMAT binary)` and hands its rows over while they arrive. Those of other queries are turned
 * into strings by pg: for megabytes of text that takes longer than to look through them. PostgreSQL sends no faster than
 * rows are taken, so nothing piles up here.
 */
export function copyOut(client: PoolClient, text: string, onRow: OnRow): Promise<void> {
  return new Promise((resolve, reject) => {
    const rows = new ArrivingRows(onRow);
    const query = new pg.Query(text, (error) => {
      const failure = rows.end() ?? error;
      if (failure) reject(failure);
      else resolve();
    });
    client.query(
      Object.assign(query, {
        handleCopyData: ({ chunk }: CopyData, { stream }: Connection): void => rows.take(chunk, stream),
      }),
    );
  });
}

/** What pg gives to a query: one row each time (PostgreSQL's manual, "Message Formats", CopyData). */
interface CopyData {
  readonly chunk: Buffer;
}

interface Connection {
  readonly stream: { pause(): unknown; resume(): unknown };
}

/** Whoever takes many rows lets everything else have its turn after so long. */
const LONGEST_TURN_MS = 5;

class ArrivingRows {
  private isFirst = true;
  private isOver = false;
  private failure: Error | null = null;
  private turnStartedAtMs: number | null = null;

  constructor(private readonly onRow: OnRow) {}

  /** What is not wanted any more must be taken nevertheless, or the connection is of no use to others. */
  take(message: Buffer, stream: Connection['stream']): void {
    if (this.isOver) return;
    this.turnStartedAtMs ??= this.beginTurn(stream);
    try {
      const values = valuesOf(message, this.isFirst ? HEADER_BYTES : 0);
      this.isFirst = false;
      if (values !== null) this.isOver = !this.onRow(values);
    } catch (error) {
      this.failure = error as Error;
      this.isOver = true;
    }
    if (performance.now() - this.turnStartedAtMs > LONGEST_TURN_MS) stream.pause();
  }

  /** @returns what `onRow` threw */
  end(): Error | null {
    this.isOver = true;
    return this.failure;
  }

  private beginTurn(stream: Connection['stream']): number {
    setImmediate(() => {
      this.turnStartedAtMs = null;
      stream.resume();
    });
    return performance.now();
  }
}

/** Signature, flags, and the length of an extension, of which there is none (PostgreSQL's manual, COPY, "Binary Format"). */
const HEADER_BYTES = 11 + 4 + 4;

/** @returns null: it is the end, and not a row */
function valuesOf(message: Buffer, from: number): (Buffer | null)[] | null {
  if (message.length === from) return null;
  const count = message.readInt16BE(from);
  if (count < 0) return null;
  const values: (Buffer | null)[] = [];
  let at = from + 2;
  for (let index = 0; index < count; index += 1) {
    const length = message.readInt32BE(at);
    at += 4;
    values.push(length < 0 ? null : message.subarray(at, at + length));
    at += Math.max(0, length);
  }
  return values;
}
