import { describe, expect, test } from '@jest/globals';
import type { WireLogLine } from '@dibs/shared';
import { followedAs, linesAsNdjson, linesAsText, qualityOf, rowsOf, streamFormatOf } from './log-format.js';

const lines: WireLogLine[] = [
  [0, 0, 'o', 'a\u001b[31m"red"\0'],
  [1000, -1, 's', 'lost', { lines: 3, reason: 'limit' }],
];

describe('formats', () => {
  test('text is what was printed', () => {
    expect(linesAsText({ firstSeq: 1, lines })).toBe('a\u001b[31m"red"\0\nlost\n');
  });

  test('what was drawn anew is so again on a terminal, and marked in rows', () => {
    const redrawn: WireLogLine[] = [
      [0, 0, 'O', '10%'],
      [0, 0, 'o', '100%'],
    ];
    expect(linesAsText({ firstSeq: 1, lines: redrawn })).toBe('10%\r100%\n');
    expect(rowsOf({ firstSeq: 1, lines: redrawn })).toMatchObject([
      { seq: 1, stream: 'stdout', text: '10%', redrawn: true },
      { seq: 2, stream: 'stdout', text: '100%' },
    ]);
  });

  test('ndjson is one row a line', () => {
    const rows = linesAsNdjson({ firstSeq: 7, lines }).trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row) as unknown)).toEqual([
      { seq: 7, at: '1970-01-01T00:00:00.000Z', step: 0, stream: 'stdout', text: 'a\u001b[31m"red"\0' },
      {
        seq: 8,
        at: '1970-01-01T00:00:01.000Z',
        step: -1,
        stream: 'system',
        text: 'lost',
        gap: { lines: 3, reason: 'limit' },
      },
    ]);
  });

  test('a follower is told where another attempt begins', () => {
    const next = { kind: 'next_attempt', ended: 1, reason: 'lease_expired', attempt: 2 } as const;
    expect(followedAs('text', next)).toBe(
      '[dibs] Attempt 1 is over: The runner stopped renewing its lease. Attempt 2:\n',
    );
    expect(followedAs('ndjson', next)).toBe('');
    expect(followedAs('ndjson', { kind: 'lines', attempt: 2, firstSeq: 1, lines: lines.slice(0, 1) })).toContain(
      '"attempt":2',
    );
  });
});

describe('what a reader accepts', () => {
  test.each([
    [undefined, 'text'],
    ['*/*', 'text'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
    ['application/json', 'text'],
    ['text/plain', 'text'],
    ['application/x-ndjson', 'ndjson'],
    ['Application/X-NDJSON; q=0.9, text/plain;q=0.5', 'ndjson'],
    ['application/x-ndjson, text/plain', 'text'],
    ['application/x-ndjson;q=0', 'text'],
    ['application/x-ndjson;q=x', 'text'],
  ])('%s: %s', (accept, format) => expect(streamFormatOf(accept)).toBe(format));

  test.each([
    ['gzip, deflate, br', 1],
    ['br;q=1.0, gzip;q=0.8', 0.8],
    ['gzip;q=0', 0],
    ['identity', 0],
    ['', 0],
  ])('gzip by "%s": %d', (header, quality) => expect(qualityOf(header, ['gzip', 'x-gzip'])).toBe(quality));
});
