'use client';

import type { LogReceipt } from '@dibs/shared';
import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconClock, IconDownload, IconSearch, IconTextWrap } from '@tabler/icons-react';
import { LogReceiptNote } from './log-receipt-note';
import classes from './job-log.module.css';

interface LogToolbarProps {
  readonly lines: number;
  /** undefined: the log grows, or it is not known yet. */
  readonly receipt: LogReceipt | undefined;
  /** Leads to a line. */
  readonly onShow: (seq: number) => void;
  readonly problem: string | null;
  readonly isWrapped: boolean;
  readonly onWrap: (isWrapped: boolean) => void;
  readonly hasTimes: boolean;
  readonly onTimes: (hasTimes: boolean) => void;
  readonly isSearching: boolean;
  readonly onSearch: () => void;
  /** Where the whole log is to be had as a file. */
  readonly fileUrls: { readonly text: string; readonly ndjson: string };
}

export function LogToolbar({ lines, receipt, problem, isWrapped, onWrap, ...more }: LogToolbarProps) {
  return (
    <div className={classes.toolbar}>
      <h2 className={classes.heading}>Log</h2>
      <span className={classes.count} data-testid="log-count">
        {lines.toLocaleString()} {lines === 1 ? 'line' : 'lines'}
        <LogReceiptNote receipt={receipt} onShow={more.onShow} />
      </span>
      {problem && (
        <span className={classes.problem} role="status">
          <IconAlertTriangle size={14} aria-hidden /> {problem} Trying again.
        </span>
      )}
      <span className={classes.tools}>
        <Tooltip label="Search the log ( / )">
          <ActionIcon
            variant="subtle"
            className={classes.tool}
            aria-label="Search the log"
            aria-expanded={more.isSearching}
            onClick={more.onSearch}
          >
            <IconSearch size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={more.hasTimes ? 'Hide times' : 'Show the time of each line'}>
          <ActionIcon
            variant="subtle"
            className={classes.tool}
            aria-label="Show the time of each line"
            aria-pressed={more.hasTimes}
            onClick={() => more.onTimes(!more.hasTimes)}
          >
            <IconClock size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
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
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon variant="subtle" className={classes.tool} aria-label="Download the whole log">
              <IconDownload size={17} stroke={1.7} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>Download the whole log</Menu.Label>
            <Menu.Item component="a" href={more.fileUrls.text} download>
              Text, as it was printed
            </Menu.Item>
            <Menu.Item component="a" href={more.fileUrls.ndjson} download>
              ndjson, with times and steps
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </span>
    </div>
  );
}
