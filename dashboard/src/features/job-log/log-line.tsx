import type { LogGap, LogRow } from '@dibs/shared';
import { memo } from 'react';
import { AnsiLine } from './ansi-line';
import classes from './job-log.module.css';

const GAP_REASONS = {
  spool_lost: 'the runner lost its buffer before they were sent',
  spool_full: 'the runner had no more room to buffer them',
  limit: 'the job printed more than a log may hold',
} as const satisfies Record<LogGap['reason'], string>;

interface LogLineProps {
  readonly row: LogRow;
  /** Shown above the line where a step begins; null: the step of the line before goes on. */
  readonly stepTitle: string | null;
  readonly isMarked: boolean;
  /** It is the hit that the search is at. */
  readonly isCurrentHit: boolean;
  readonly needle: RegExp | null;
  readonly onMark: (seq: number) => void;
}

export const LogLine = memo(function LogLine({ row, stepTitle, isMarked, isCurrentHit, needle, onMark }: LogLineProps) {
  return (
    <>
      {stepTitle !== null && (
        <div className={classes.step}>
          <bdi>{stepTitle}</bdi>
        </div>
      )}
      {row.gap ? (
        <div className={classes.gap} role="note" data-seq={row.seq}>
          {gapText(row.gap)}
        </div>
      ) : (
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
            title={new Date(row.at).toLocaleString()}
            aria-label={`Link to line ${row.seq}`}
            onClick={(event) => {
              event.preventDefault();
              onMark(row.seq);
            }}
          >
            {row.seq}
          </a>
          <AnsiLine text={row.text} needle={needle} />
        </div>
      )}
    </>
  );
});

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
