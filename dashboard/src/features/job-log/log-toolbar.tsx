'use client';

import { ActionIcon, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconDownload, IconTextWrap } from '@tabler/icons-react';
import classes from './job-log.module.css';

interface LogToolbarProps {
  readonly lines: number;
  readonly isComplete: boolean;
  readonly problem: string | null;
  readonly isWrapped: boolean;
  readonly onWrap: (isWrapped: boolean) => void;
  readonly rawUrl: string;
}

export function LogToolbar({ lines, isComplete, problem, isWrapped, onWrap, rawUrl }: LogToolbarProps) {
  return (
    <div className={classes.toolbar}>
      <h2 className={classes.heading}>Log</h2>
      <span className={classes.count} data-testid="log-count">
        {lines.toLocaleString()} {lines === 1 ? 'line' : 'lines'}
        {isComplete && lines > 0 && ' · complete'}
      </span>
      {problem && (
        <span className={classes.problem} role="status">
          <IconAlertTriangle size={14} aria-hidden /> {problem} Trying again.
        </span>
      )}
      <span className={classes.tools}>
        <Tooltip label={isWrapped ? 'Do not wrap long lines' : 'Wrap long lines'}>
          <ActionIcon
            variant="subtle"
            className={classes.tool}
            aria-label="Wrap long lines"
            aria-pressed={isWrapped}
            onClick={() => onWrap(!isWrapped)}
          >
            <IconTextWrap size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Download the whole log">
          <ActionIcon
            component="a"
            href={rawUrl}
            download
            variant="subtle"
            className={classes.tool}
            aria-label="Download the whole log"
          >
            <IconDownload size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </span>
    </div>
  );
}
