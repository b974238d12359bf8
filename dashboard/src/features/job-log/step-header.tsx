import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import classes from './job-log.module.css';

interface StepHeaderProps {
  readonly step: number;
  readonly name: string | undefined;
  /** Of a folded step; null: its lines follow. */
  readonly foldedLines: number | null;
  /** Absent while it runs: what is not over cannot be folded. */
  readonly onToggle: ((step: number) => void) | null;
}

/** Above the first line of a step, or in the place of all of them. */
export function StepHeader({ step, name, foldedLines, onToggle }: StepHeaderProps) {
  const isFolded = foldedLines !== null;
  const Chevron = isFolded ? IconChevronRight : IconChevronDown;
  const title = (
    <>
      <Chevron
        size={15}
        stroke={2}
        aria-hidden
        className={classes.chevron}
        data-idle={onToggle === null || undefined}
      />
      <bdi>{step < 0 ? 'Preparation' : `Step ${step + 1} · ${name ?? ''}`}</bdi>
      {isFolded && (
        <span className={classes.folded}>
          {foldedLines.toLocaleString()} {foldedLines === 1 ? 'line' : 'lines'} folded
        </span>
      )}
    </>
  );
  if (!onToggle) return <div className={classes.step}>{title}</div>;
  return (
    <button
      type="button"
      className={classes.step}
      aria-expanded={!isFolded}
      data-fold={step}
      onClick={() => onToggle(step)}
    >
      {title}
    </button>
  );
}
