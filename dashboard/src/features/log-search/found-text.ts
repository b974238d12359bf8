import { needlePattern, withoutEscapes } from '@dibs/shared';
import { visibleText } from '../../ui/visible-text';

export interface TextPiece {
  readonly text: string;
  readonly isMatch: boolean;
}

const SHOWN_BEFORE = 60;
const MOST_SHOWN = 400;

/** A line without colours, in pieces that match and pieces that do not; of a long one the part around the first match. */
export function piecesOf(line: string, needle: string, isCaseSensitive: boolean): TextPiece[] {
  const text = withoutEscapes(line);
  const matches = [...text.matchAll(needlePattern(needle, isCaseSensitive, 'g'))];
  const first = matches[0]?.index ?? 0;
  const from = text.length > MOST_SHOWN && first > SHOWN_BEFORE ? first - SHOWN_BEFORE : 0;
  const to = Math.min(text.length, from + MOST_SHOWN);
  const pieces: TextPiece[] = [];
  const add = (start: number, end: number, isMatch: boolean): void => {
    const [begin, stop] = [Math.max(start, from), Math.min(end, to)];
    if (begin < stop) pieces.push({ text: visibleText(text.slice(begin, stop)), isMatch });
  };
  let at = from;
  for (const match of matches) {
    add(at, match.index, false);
    add(match.index, match.index + match[0].length, true);
    at = match.index + match[0].length;
  }
  add(at, to, false);
  if (from > 0) pieces.unshift({ text: '… ', isMatch: false });
  if (to < text.length) pieces.push({ text: ' …', isMatch: false });
  return pieces;
}
