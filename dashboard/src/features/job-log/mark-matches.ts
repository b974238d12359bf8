import type { Span } from './line-spans';

export interface MarkedSpan extends Span {
  readonly isMatch: boolean;
}

/**
 * Parts the pieces of a line where something that was searched for begins and ends. A match may begin in one colour and
 * end in another, so it is looked for in the text of all of them.
 *
 * @param pattern with the flag `g`
 */
export function markMatches(spans: readonly Span[], pattern: RegExp): MarkedSpan[] {
  const text = spans.map((span) => span.text).join('');
  const edges = [...text.matchAll(pattern)].flatMap((match) => [match.index, match.index + match[0].length]);
  const marked: MarkedSpan[] = [];
  let next = 0;
  let at = 0;
  for (const span of spans) {
    const end = at + span.text.length;
    let from = at;
    while (from < end) {
      while (next < edges.length && edges[next]! <= from) next += 1;
      const to = Math.min(end, edges[next] ?? end);
      // behind an even number of edges is outside, behind an odd one inside
      marked.push({ text: text.slice(from, to), sgr: span.sgr, isMatch: next % 2 === 1 });
      from = to;
    }
    at = end;
  }
  return marked;
}
