import { createHash } from 'node:crypto';

/** Of a line; what is longer hardly tells more. */
const MAX_CHARACTERS = 300;

/** What differs from one time to the next although it is the same error, the longest forms first. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  // at the beginning of a line: date and time, in brackets or not
  [/^[[(]?\d{4}[-/]\d\d[-/]\d\d[T _]\d\d:\d\d(:\d\d([.,]\d+)?)?\s?(Z|UTC|[+-]\d\d:?\d\d)?[\])]?[\s:|-]*/, ''],
  [/^[[(]?([A-Z][a-z]{2} +\d{1,2} )?\d\d:\d\d:\d\d([.,]\d+)?[\])]?[\s:|-]*/, ''],
  [/\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?)?/g, '<time>'],
  [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, '<id>'],
  [/\/(?:var\/folders|private\/tmp|var\/tmp|tmp)\/[^\s:'"`,;)\]]+/g, '<temp>'],
  [/\btmp[._-]?[\w-]{6,}/g, '<temp>'],
  [/\b0x[\da-f]+\b/gi, '<hex>'],
  // hashes: at least seven digits of both kinds
  [/\b(?=[a-f]*\d)(?=\d*[a-f])[\da-f]{7,}\b/gi, '<hex>'],
  [/\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b/g, '<address>'],
  // of any spelling: 12, 1,204.5, 3.1.4; also glued to a unit (12ms) or a name (worker-12, x86_64 stays what it is)
  [/(?<![A-Za-z_\d])\d+(?:[.,]\d+)*/g, '<n>'],
];

/** A line as it would be for each time the same error happens: numbers, ids, hashes and temporary paths are taken out. */
export function errorPattern(line: string): string {
  let pattern = line.slice(0, 4 * MAX_CHARACTERS).trim();
  for (const [variable, name] of VARIABLE) pattern = pattern.replace(variable, name);
  return pattern.replace(/\s+/g, ' ').trim().slice(0, MAX_CHARACTERS);
}

/** 32 hexadecimal digits: two errors are the same when these are. */
export function errorFingerprint(pattern: string): string {
  return createHash('sha256').update(pattern).digest('hex').slice(0, 32);
}
