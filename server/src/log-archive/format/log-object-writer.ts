import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ArchivedChunk, LogBlock, LogObjectIndex } from './log-object-index.js';

const zip = promisify(gzip);

/** Of text in a block: what a reader of a few lines must fetch (a tenth of it) and unpack. */
const BLOCK_CHARACTERS = 1024 * 1024;

export interface ChunkToArchive extends ArchivedChunk {
  /** null: not known. */
  readonly min_step: number | null;
  readonly max_step: number | null;
  /** Its one line stands for what was left out. */
  readonly is_cut: boolean;
}

export interface LogObjectSummary {
  readonly bytes: number;
  readonly sha256: string;
  readonly index: { readonly from: number; readonly bytes: number; readonly sha256: string };
}

/** The log changed while it was copied: its middle was left out. It must be copied anew. */
export class LogChanged extends Error {}

/**
 * Makes one object of a log: blocks of its chunks, and an index that tells where in the object which lines are. Each is
 * a gzip file by itself, so that a part can be read alone, and all of it is one as well (`zcat`).
 */
export class LogObjectWriter {
  private readonly hash = createHash('sha256');
  private readonly blocks: LogBlock[] = [];
  private readonly cuts: (readonly [number, number])[] = [];
  private index: LogObjectSummary['index'] | null = null;
  private waiting: ChunkToArchive[] = [];
  private characters = 0;
  private bytes = 0;
  private lastSeq = 0;

  /** @throws LogChanged */
  async *encode(pages: AsyncIterable<readonly ChunkToArchive[]>): AsyncGenerator<Buffer> {
    for await (const page of pages) {
      for (const chunk of page) {
        if (chunk.first_seq <= this.lastSeq) throw new LogChanged();
        this.lastSeq = chunk.last_seq;
        this.waiting.push(chunk);
        this.characters += chunk.lines.length;
        if (chunk.is_cut) this.cuts.push([chunk.first_seq, chunk.last_seq]);
        if (this.characters >= BLOCK_CHARACTERS) yield this.take(await this.block());
      }
    }
    if (this.waiting.length > 0) yield this.take(await this.block());
    const index: LogObjectIndex = { version: 1, blocks: this.blocks, cuts: this.cuts };
    const zipped = await zip(`${JSON.stringify(index)}\n`);
    this.index = { from: this.bytes, bytes: zipped.length, sha256: sha256Of(zipped) };
    yield this.take(zipped);
  }

  /** After all parts were taken. */
  summary(): LogObjectSummary {
    if (this.index === null) throw new Error('the object is not complete');
    return { bytes: this.bytes, sha256: this.hash.copy().digest('hex'), index: this.index };
  }

  private async block(): Promise<Buffer> {
    const chunks = this.waiting;
    [this.waiting, this.characters] = [[], 0];
    const zipped = await zip(chunks.map(rowOf).join(''));
    this.blocks.push({
      firstSeq: chunks[0]!.first_seq,
      lastSeq: chunks.at(-1)!.last_seq,
      from: this.bytes,
      bytes: zipped.length,
      sha256: sha256Of(zipped),
      steps: stepsOf(chunks),
    });
    return zipped;
  }

  private take(part: Buffer): Buffer {
    this.hash.update(part);
    this.bytes += part.length;
    return part;
  }
}

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function rowOf({ first_seq: first, last_seq: last, lines }: ChunkToArchive): string {
  // JSON has no line feeds but between its parts
  return `[${first},${last},${lines.replaceAll('\n', ' ')}]\n`;
}

function stepsOf(chunks: readonly ChunkToArchive[]): LogBlock['steps'] {
  let [min, max] = [Infinity, -Infinity];
  for (const { min_step: from, max_step: to } of chunks) {
    if (from === null || to === null) return null;
    [min, max] = [Math.min(min, from), Math.max(max, to)];
  }
  return [min, max];
}
