import type { LogGap } from '@dibs/shared';
import { memo } from 'react';
import { AnsiLine } from './ansi-line';
import { formatClock } from './format-clock';
import { lastNumberOf, type ViewRow } from './log-rows';
import { PLAIN } from './sgr';
import { StepHeader } from './step-header';
import classes from './job-log.module.css';

const GAP_REASONS = {
  spool_lost: 'the runner lost its buffer before they were sent',
  spool_full: 'the runner had no more room to buffer them',
  limit: 'the job printed more than a log may hold',
} as const satisfies Record<LogGap['reason'], string>;

interface LogLineProps {
  readonly row: ViewRow;
  /** Above it begins a step. */
  readonly isFirstOfStep: boolean;
  readonly stepName: string | undefined;
  /** null: the step goes on. */
  readonly onToggleStep: ((step: number) => void) | null;
  readonly isMarked: boolean;
  /** It is the hit that the search is at. */
  readonly isCurrentHit: boolean;
  readonly needle: RegExp | null;
  readonly hasTime: boolean;
  readonly onMark: (seq: number, isExtending: boolean) => void;
}

export const LogLine = memo(function LogLine({ row, isFirstOfStep, stepName, onToggleStep, ...line }: LogLineProps) {
  const isFolded = row.foldedTo !== undefined;
  // what was lost with the runner's copy is of no step, wherever it stands
  const isOfStep = row.step >= 0 || !row.gap;
  return (
    <>
      {((isFirstOfStep && isOfStep) || isFolded) && (
        <StepHeader
          step={row.step}
          name={stepName}
          foldedLines={isFolded ? lastNumberOf(row) - row.seq + 1 : null}
          onToggle={onToggleStep}
        />
      )}
      {row.gap && (
        <div className={classes.gap} role="note" data-seq={row.seq}>
          {gapText(row.gap)}
        </div>
      )}
      {!row.gap && !isFolded && <TextLine row={row} {...line} />}
    </>
  );
});

type TextLineProps = Pick<LogLineProps, 'row' | 'isMarked' | 'isCurrentHit' | 'needle' | 'hasTime' | 'onMark'>;

function TextLine({ row, isMarked, isCurrentHit, needle, hasTime, onMark }: TextLineProps) {
  return (
    <div
      className={classes.line}
      data-stream={row.stream}
      data-seq={row.seq}
      data-marked={isMarked || undefined}
      data-hit={isCurrentHit || undefined}
    >
      <a
        className={classes.number}
        href={`#L${row.seq}`}
        title={`${new Date(row.at).toLocaleString()}${row.stream === 'stdout' ? '' : ` · ${row.stream}`}`}
        aria-label={`Link to line ${row.seq}`}
        onClick={(event) => {
          event.preventDefault();
          onMark(row.seq, event.shiftKey);
        }}
      >
        {row.seq}
      </a>
      {hasTime && (
        <time className={classes.time} dateTime={row.at}>
          {formatClock(row.at)}
        </time>
      )}
      <AnsiLine text={row.text} pen={row.pen ?? PLAIN} needle={needle} isCurrentHit={isCurrentHit} />
    </div>
  );
}

function gapText({ lines, reason, bytes }: LogGap): string {
  const count =
    lines === null
      ? 'An unknown number of lines is'
      : `${lines.toLocaleString()} ${lines === 1 ? 'line' : 'lines'}${inBytes(bytes)} ${lines === 1 ? 'is' : 'are'}`;
  return `${count} missing here: ${GAP_REASONS[reason]}.`;
}

function inBytes(bytes: number | undefined): string {
  return bytes === undefined ? '' : ` (${bytes.toLocaleString()} bytes)`;
}
