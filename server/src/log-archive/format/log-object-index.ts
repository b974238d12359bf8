import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';

const unzip = promisify(gunzip);

/** Some chunks of the log in a row, compressed together. */
export interface LogBlock {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Where it is in the object. */
  readonly from: number;
  readonly bytes: number;
  /** Of the compressed bytes. */
  readonly sha256: string;
  /** Steps of its lines, from one to the other; null: not known. */
  readonly steps: readonly [number, number] | null;
}

export interface LogObjectIndex {
  readonly version: 1;
  readonly blocks: readonly LogBlock[];
  /** Lines that stand for others which were left out: the numbers from one to the other. */
  readonly cuts: readonly (readonly [number, number])[];
}

/** A chunk as it was stored in the database: `lines` is JSON. */
export interface ArchivedChunk<Lines = string> {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly lines: Lines;
}

export async function decodeIndex(zipped: Buffer): Promise<LogObjectIndex> {
  const index = JSON.parse((await unzip(zipped)).toString()) as LogObjectIndex;
  if ((index.version as number) !== 1) throw new Error(`unknown version ${String(index.version)} of an archived log`);
  return index;
}

/** A chunk is `[first,last,lines]` on a line of its own. Its lines are taken over as they are: most are never looked at. */
export async function decodeBlock(zipped: Buffer): Promise<ArchivedChunk<Buffer>[]> {
  const bytes = await unzip(zipped);
  const chunks: ArchivedChunk<Buffer>[] = [];
  for (let at = 0, end = bytes.indexOf('\n'); end >= 0; at = end + 1, end = bytes.indexOf('\n', at)) {
    const second = bytes.indexOf(',', at) + 1;
    const third = bytes.indexOf(',', second) + 1;
    chunks.push({
      first_seq: Number(bytes.toString('latin1', at + 1, second - 1)),
      last_seq: Number(bytes.toString('latin1', second, third - 1)),
      lines: bytes.subarray(third, end - 1),
    });
  }
  return chunks;
}

/** Blocks with lines of the step (null: of any) that are after one number and before another. */
export function blocksBetween(
  { blocks }: LogObjectIndex,
  after: number,
  before: number,
  step: number | null,
): LogBlock[] {
  return blocks.filter(({ firstSeq, lastSeq, steps }) => {
    const isOfStep = step === null || steps === null || (steps[0] <= step && step <= steps[1]);
    return isOfStep && lastSeq > after && firstSeq < before;
  });
}
