import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { blocksBetween, decodeBlock, decodeIndex, type ArchivedChunk } from './log-object-index.js';
import { LogChanged, LogObjectWriter, type ChunkToArchive, type LogObjectSummary } from './log-object-writer.js';

function chunk(firstSeq: number, texts: readonly string[], over: Partial<ChunkToArchive> = {}): ChunkToArchive {
  const lines = JSON.stringify(texts.map((text) => [1_763_600_000_000, 0, 'o', text]));
  const last = firstSeq + texts.length - 1;
  return { first_seq: firstSeq, last_seq: last, lines, min_step: 0, max_step: 0, is_cut: false, ...over };
}

async function objectOf(chunks: readonly ChunkToArchive[]): Promise<{ bytes: Buffer; summary: LogObjectSummary }> {
  const writer = new LogObjectWriter();
  const parts: Buffer[] = [];
  // eslint-disable-next-line @typescript-eslint/require-await -- pages as a database gives them
  async function* pages(): AsyncGenerator<readonly ChunkToArchive[]> {
    for (let index = 0; index < chunks.length; index += 2) yield chunks.slice(index, index + 2);
  }
  for await (const part of writer.encode(pages())) parts.push(part);
  return { bytes: Buffer.concat(parts), summary: writer.summary() };
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const plain = ({ first_seq, last_seq, lines }: ArchivedChunk): ArchivedChunk => ({ first_seq, last_seq, lines });

/** Some 3 MB in chunks of 300 kB, the last of them of step 1. */
const LONG = Array.from({ length: 10 }, (_, index) =>
  chunk(index * 3 + 1, ['ü'.repeat(100_000), 'a, b\n"]', 'x'.repeat(200_000)], {
    ...(index === 9 && { min_step: 1, max_step: 1 }),
  }),
);

test('what was written is read back, block by block, each with its hash', async () => {
  const { bytes, summary } = await objectOf(LONG);
  expect(summary).toMatchObject({ bytes: bytes.length, sha256: sha256(bytes) });
  const zippedIndex = bytes.subarray(summary.index.from, summary.index.from + summary.index.bytes);
  expect(sha256(zippedIndex)).toBe(summary.index.sha256);
  const index = await decodeIndex(zippedIndex);
  expect(index.blocks.length).toBeGreaterThan(2);
  const read: ArchivedChunk[] = [];
  for (const block of index.blocks) {
    const zipped = bytes.subarray(block.from, block.from + block.bytes);
    expect(sha256(zipped)).toBe(block.sha256);
    const chunks = await decodeBlock(zipped);
    expect([chunks[0]!.first_seq, chunks.at(-1)!.last_seq]).toEqual([block.firstSeq, block.lastSeq]);
    read.push(...chunks.map((each) => ({ ...each, lines: each.lines.toString() })));
  }
  expect(read).toEqual(LONG.map(plain));
});

test('the object is one gzip file of JSON lines', async () => {
  const { bytes } = await objectOf(LONG.slice(0, 1));
  const rows = gunzipSync(bytes).toString().trimEnd().split('\n');
  const [first, index] = rows.map((row) => JSON.parse(row) as unknown);
  expect(rows).toHaveLength(2);
  expect(first).toEqual([1, 3, JSON.parse(LONG[0]!.lines)]);
  expect(index).toMatchObject({ version: 1, blocks: [{ firstSeq: 1, lastSeq: 3, from: 0, steps: [0, 0] }] });
});

test('only blocks that hold the wanted lines are named', async () => {
  const { bytes, summary } = await objectOf([...LONG, chunk(31, ['y'.repeat(1_100_000)], { min_step: null })]);
  const index = await decodeIndex(bytes.subarray(summary.index.from));
  const spans = (after: number, before: number, step: number | null): number[][] =>
    blocksBetween(index, after, before, step).map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq]);
  expect(spans(0, Infinity, null)).toEqual([
    [1, 12],
    [13, 24],
    [25, 31],
  ]);
  expect(spans(12, 14, null)).toEqual([[13, 24]]);
  expect(spans(11, 13, null)).toEqual([[1, 12]]);
  expect(spans(31, 40, null)).toEqual([]);
  // the last one has lines of step 1, and some of a step that is not known
  expect(spans(0, Infinity, 1)).toEqual([[25, 31]]);
});

test('what stands for lines that were left out is in the index', async () => {
  const gap = { first_seq: 3, last_seq: 900, lines: '[[0,0,"s","left out",{"lastSeq":900}]]' };
  const cut: ChunkToArchive = { ...gap, min_step: 0, max_step: 0, is_cut: true };
  const { bytes, summary } = await objectOf([chunk(1, ['a', 'b']), cut, chunk(901, ['c'])]);
  const { cuts } = await decodeIndex(bytes.subarray(summary.index.from));
  expect(cuts).toEqual([[3, 900]]);
});

test('a log that changes while it is copied is noticed', async () => {
  await expect(objectOf([chunk(1, ['a', 'b', 'c']), chunk(2, ['left out'])])).rejects.toThrow(LogChanged);
});
