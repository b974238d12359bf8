import { describe, expect, test } from '@jest/globals';
import { MAX_BATCH_LINES, problemOfLogBatch } from './check-log-batch.js';

const line = [1_763_600_000_000, 0, 'o', 'text'];
const batch = {
  jobId: '0197a000-0000-7000-8000-000000000001',
  attempt: 1,
  claimToken: 'token',
  firstSeq: 1,
  lines: [line],
};
const withLine = (...parts: unknown[]) => ({ ...batch, lines: [line, parts] });
const nowMs = 1_763_600_000_000;

describe('problemOfLogBatch', () => {
  test.each([
    ['an ordinary batch', batch],
    ['a gap', withLine(nowMs, -1, 's', '12 lines were lost', { lines: 12, reason: 'spool_full' })],
    ['a gap of unknown size', withLine(nowMs, -1, 's', 'lost', { lines: null, reason: 'spool_lost' })],
    ['an empty line, NUL and half a surrogate pair', withLine(0, 999, 'e', '\0\ud800')],
    ['the longest line', withLine(nowMs, 0, 'o', 'ü'.repeat(32 * 1024))],
    ['a line that was drawn anew', withLine(nowMs, 0, 'E', '10%')],
    ['the most lines', { ...batch, lines: Array(MAX_BATCH_LINES).fill(line) }],
  ])('takes %s', (_what, message) => expect(problemOfLogBatch(message)).toBeNull());

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'batch'],
    ['an id that is none', { ...batch, jobId: "x'; DROP" }],
    ['attempt 0', { ...batch, attempt: 0 }],
    ['a fractional attempt', { ...batch, attempt: 1.5 }],
    ['no token', { ...batch, claimToken: undefined }],
    ['NUL in the token', { ...batch, claimToken: 'a\0' }],
    ['line number 0', { ...batch, firstSeq: 0 }],
    ['a negative line number', { ...batch, firstSeq: -5 }],
    ['an absurd line number', { ...batch, firstSeq: Number.MAX_SAFE_INTEGER }],
    ['a line number that is a text', { ...batch, firstSeq: '1' }],
    ['no lines', { ...batch, lines: [] }],
    ['too many lines', { ...batch, lines: Array(MAX_BATCH_LINES + 1).fill(line) }],
    ['lines that are no array', { ...batch, lines: { length: 1, 0: line } }],
    ['a line that is an object', { ...batch, lines: [{}] }],
    ['a line that is null', { ...batch, lines: [null] }],
    ['a short line', withLine(nowMs, 0, 'o')],
    ['a long tuple', withLine(nowMs, 0, 's', '', { lines: 1, reason: 'limit' }, 1)],
    ['a time that is NaN', withLine(NaN, 0, 'o', '')],
    ['a time before 1970', withLine(-1, 0, 'o', '')],
    ['a time after 9999', withLine(1e15, 0, 'o', '')],
    ['step -2', withLine(nowMs, -2, 'o', '')],
    ['step 1000', withLine(nowMs, 1000, 'o', '')],
    ['an unknown stream', withLine(nowMs, 0, 'x', '')],
    ['a text that is a number', withLine(nowMs, 0, 'o', 1)],
    ['a text that is too long', withLine(nowMs, 0, 'o', 'x'.repeat(66_561))],
    ['a text that is too long in bytes', withLine(nowMs, 0, 'o', '€'.repeat(23_000))],
    ['a gap on stdout', withLine(nowMs, 0, 'o', '', { lines: 1, reason: 'limit' })],
    ['a gap of -1 lines', withLine(nowMs, 0, 's', '', { lines: -1, reason: 'limit' })],
    ['a gap without a known reason', withLine(nowMs, 0, 's', '', { lines: 1, reason: 'x' })],
    ['a gap with more in it', withLine(nowMs, 0, 's', '', { lines: 1, reason: 'limit', x: 1 })],
    ['an undefined gap', withLine(nowMs, 0, 's', '', undefined)],
  ])('refuses %s', (_what, message) => expect(problemOfLogBatch(message)).not.toBeNull());
});
