import type { Tone } from '../../ui/status-pill';
import type { Extent } from './waterfall';
import classes from './job-page.module.css';

interface WaterfallBarProps {
  readonly extent: Extent;
  readonly tone: Tone;
  /** It is longer than it is drawn. */
  readonly isCut?: boolean;
}

/** When something was, beside the others on the same scale; its words and duration stand above it. */
export function WaterfallBar({ extent: { from, width }, tone, isCut = false }: WaterfallBarProps) {
  const style = { left: `${from * 100}%`, width: `${width * 100}%` };
  return (
    <span className={classes.track} aria-hidden>
      <span className={classes.bar} style={style} data-tone={tone} data-cut={isCut || undefined} />
    </span>
  );
}
