/**
 * Marks what was searched for in the HTML of a line. A match may begin in one colour and end in another, so it is
 * looked for in the text between the tags, and each piece of it gets a mark of its own.
 *
 * @param html text with `<span>` tags and escaped characters, and nothing else
 * @param pattern with the flag `g`
 */
export function markMatches(html: string, pattern: RegExp): string {
  const pieces = html.match(PIECES) ?? [];
  const text = pieces.map((piece) => (isTag(piece) ? '' : unescaped(piece))).join('');
  const ranges = [...text.matchAll(pattern)].map((match) => [match.index, match.index + match[0].length] as const);
  if (ranges.length === 0) return html;
  let at = 0;
  let next = 0;
  let isMarked = false;
  const mark = (wanted: boolean): string => {
    const change = wanted === isMarked ? '' : wanted ? '<mark>' : '</mark>';
    isMarked = wanted;
    return change;
  };
  const marked = pieces.map((piece) => {
    if (isTag(piece)) return mark(false) + piece;
    while (next < ranges.length && at >= ranges[next]![1]) next += 1;
    const isInside = next < ranges.length && at >= ranges[next]![0];
    at += unescaped(piece).length;
    return mark(isInside) + piece;
  });
  return marked.join('') + mark(false);
}

/** A tag, an escaped character, or a character: halves of a surrogate pair may go apart, their texts are joined again. */
const PIECES = /<[^>]*>|&[#\w]+;|[\s\S]/g;

const NAMED: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };

function isTag(piece: string): boolean {
  return piece.length > 1 && piece.startsWith('<');
}

function unescaped(piece: string): string {
  if (!piece.startsWith('&') || piece.length === 1) return piece;
  const code = /^&#(x?)([\da-f]+);$/i.exec(piece);
  if (code) return String.fromCodePoint(parseInt(code[2]!, code[1] ? 16 : 10));
  return NAMED[piece] ?? piece;
}
