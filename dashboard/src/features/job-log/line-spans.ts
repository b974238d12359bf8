import { TERMINAL_ESCAPES } from '@dibs/shared';
import { visibleText } from '../../ui/visible-text';
import { applySgr, isSameSgr, type Sgr } from './sgr';

/** Text in one style. */
export interface Span {
  readonly text: string;
  readonly sgr: Sgr;
}

/** Line of text as it is shown: pieces in one style each, none empty. @param pen as the line before left it */
export function spansOf(text: string, pen: Sgr): Span[] {
  const spans: { text: string; sgr: Sgr }[] = [];
  const redrawn = lastRedraw(text);
  walk(text, pen, (from, to, sgr) => {
    const shown = visibleText(text.slice(Math.max(from, redrawn.from), Math.min(to, redrawn.to)));
    if (shown === '') return;
    const last = spans.at(-1);
    // a sequence that was taken out must not part a word
    if (last && isSameSgr(last.sgr, sgr)) last.text += shown;
    else spans.push({ text: shown, sgr });
  });
  return spans;
}

/** The pen after the line, also where most of the line was redrawn. */
export function penAfterLine(text: string, pen: Sgr): Sgr {
  return MAY_CHANGE_PEN.test(text) ? walk(text, pen, () => {}) : pen;
}

// eslint-disable-next-line no-control-regex -- the escape character is what it looks for
const MAY_CHANGE_PEN = /[\u001b\u009b]/;
// eslint-disable-next-line no-control-regex -- likewise
const COLOUR_SEQUENCE = /^(?:\u001b\[|\u009b)([\d;:]*)m$/;

/** @param onText told of every piece between escape sequences, with the pen it is written with */
function walk(text: string, start: Sgr, onText: (from: number, to: number, pen: Sgr) => void): Sgr {
  let pen = start;
  let at = 0;
  for (const match of text.matchAll(TERMINAL_ESCAPES)) {
    if (match.index > at) onText(at, match.index, pen);
    at = match.index + match[0].length;
    const parameters = COLOUR_SEQUENCE.exec(match[0])?.[1];
    if (parameters !== undefined) pen = applySgr(pen, parameters);
  }
  if (at < text.length) onText(at, text.length, pen);
  return pen;
}

/** A lone carriage return goes back to the beginning of the line, as progress bars do: the last picture is shown. */
function lastRedraw(text: string): { from: number; to: number } {
  let to = text.length;
  while (to > 0 && text[to - 1] === '\r') to -= 1;
  return { from: text.lastIndexOf('\r', to - 1) + 1, to };
}
