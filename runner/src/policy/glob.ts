/**
 * Whether a pattern covers all of the text. `*` stands for plain characters, `**` also for slashes between them; everything
 * else for itself. Plain are letters, digits and `._~+-`: what could make a parser of URLs or a file system see something else
 * than is written here (`@`, `%`, `\`, a colon) must be in the pattern itself, and no wildcard stands for `..`.
 *
 * All ways through the pattern are walked at once, so that no text takes longer than its length says.
 */
export function isCovered(pattern: string, text: string): boolean {
  if (text.split(/[/:]/).some((segment) => segment === '.' || segment === '..')) return false;
  const tokens = pattern.match(/\*+|[^*]/gsu) ?? [];
  let at = withSkipped(tokens, new Set([0]));
  for (const character of text) {
    const next = new Set<number>();
    for (const index of at) {
      const token = tokens[index];
      if (token === character) next.add(index + 1);
      else if (token?.startsWith('*') && isCoveredBy(token, character)) next.add(index);
    }
    at = withSkipped(tokens, next);
  }
  return at.has(tokens.length);
}

function isCoveredBy(wildcard: string, character: string): boolean {
  return /[A-Za-z0-9._~+-]/.test(character) || (wildcard !== '*' && character === '/');
}

/** Wildcards may also stand for nothing. */
function withSkipped(tokens: readonly string[], at: Set<number>): Set<number> {
  for (const index of at) if (tokens[index]?.startsWith('*')) at.add(index + 1);
  return at;
}
