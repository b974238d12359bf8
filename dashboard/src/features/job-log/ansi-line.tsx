import { memo, useEffect, useMemo, useRef, useState, type CSSProperties } from 'react';
import { keepInView } from './keep-in-view';
import { spansOf } from './line-spans';
import { markMatches, type MarkedSpan } from './mark-matches';
import { PLAIN, type Sgr } from './sgr';
import classes from './job-log.module.css';

const MOST_CHARACTERS = 4_000;

interface AnsiLineProps {
  readonly text: string;
  /** As the lines above left it. */
  readonly pen: Sgr;
  /** What was searched for, with the flag `g`; null: nothing. */
  readonly needle: RegExp | null;
  /** All of it is shown then, and its first match is brought into view. */
  readonly isCurrentHit: boolean;
}

/** The text of one line with its colours: elements and text, so that nothing a job prints is ever read as HTML. */
export const AnsiLine = memo(function AnsiLine({ text, pen, needle, isCurrentHit }: AnsiLineProps) {
  const line = useRef<HTMLSpanElement>(null);
  const [isWhole, setIsWhole] = useState(false);
  const hidden = isWhole || isCurrentHit ? 0 : Math.max(0, text.length - MOST_CHARACTERS);
  const spans = useMemo(() => {
    const all = spansOf(hidden > 0 ? text.slice(0, MOST_CHARACTERS) : text, pen);
    return needle ? markMatches(all, needle) : all.map((span) => ({ ...span, isMatch: false }));
  }, [text, pen, needle, hidden]);

  useEffect(() => {
    const match = isCurrentHit && line.current?.querySelector('mark');
    return match ? keepInView(match) : undefined;
  }, [isCurrentHit, needle]);

  return (
    <span className={classes.text} ref={line}>
      {spans.map(drawn)}
      {hidden > 0 && (
        <button type="button" className={classes.more} onClick={() => setIsWhole(true)}>
          show {hidden.toLocaleString()} more characters
        </button>
      )}
    </span>
  );
});

function drawn({ text, sgr, isMatch }: MarkedSpan, key: number) {
  const content = isMatch ? <mark key={key}>{text}</mark> : text;
  if (sgr === PLAIN) return content;
  return (
    <span key={key} style={styleOf(sgr)}>
      {content}
    </span>
  );
}

function styleOf(sgr: Sgr): CSSProperties {
  const [colour, ground] = sgr.isInverse
    ? [sgr.ground ?? 'var(--log-ground)', sgr.colour ?? 'var(--log-text)']
    : [sgr.colour, sgr.ground];
  const lines = [sgr.isUnderlined && 'underline', sgr.isStruck && 'line-through'].filter(Boolean).join(' ');
  return {
    ...(colour !== null && { color: colour }),
    ...(ground !== null && { backgroundColor: ground }),
    ...(sgr.isBold && { fontWeight: 600 }),
    ...(sgr.isDim && { opacity: 0.7 }),
    ...(sgr.isItalic && { fontStyle: 'italic' }),
    ...(lines !== '' && { textDecoration: lines }),
  };
}
