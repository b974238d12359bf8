import { FancyAnsi } from 'fancy-ansi';
import { memo, useState } from 'react';
import { markMatches } from './mark-matches';
import { visibleText } from './visible-text';
import classes from './job-log.module.css';

const ansi = new FancyAnsi();
const MOST_CHARACTERS = 4_000;

interface AnsiLineProps {
  readonly text: string;
  /** What was searched for, with the flag `g`; null: nothing. */
  readonly needle: RegExp | null;
}

/**
 * The text of one line with its colours. fancy-ansi escapes everything but the colours it understands, and
 * `visibleText` leaves it nothing but colours.
 */
export const AnsiLine = memo(function AnsiLine({ text, needle }: AnsiLineProps) {
  const [isWhole, setIsWhole] = useState(false);
  const hidden = isWhole ? 0 : Math.max(0, text.length - MOST_CHARACTERS);
  const html = ansi.toHtml(visibleText(hidden > 0 ? text.slice(0, MOST_CHARACTERS) : text));
  const shown = needle ? markMatches(html, needle) : html;
  return (
    <>
      <span className={classes.text} dangerouslySetInnerHTML={{ __html: shown }} />
      {hidden > 0 && (
        <button type="button" className={classes.more} onClick={() => setIsWhole(true)}>
          show {hidden.toLocaleString()} more characters
        </button>
      )}
    </>
  );
});
