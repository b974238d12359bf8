'use client';

import { needlePattern, type JobId, type LogRow } from '@dibs/shared';
import { Button } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { useCallback, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { Virtuoso, type VirtuosoHandle } from 'react-virtuoso';
import { logFileUrl, useLogReceipt } from '../../api/logs';
import { LogLine } from './log-line';
import { LogReceiptProblem } from './log-receipt-note';
import { firstItemIndexOf, lastNumberOf, placeOf } from './log-rows';
import { LogSearchBar } from './log-search-bar';
import { LogToolbar } from './log-toolbar';
import { lineOfHash, markLine } from './line-link';
import { useFollow } from './use-follow';
import { useGoToLine } from './use-go-to-line';
import { useLogFeed } from './use-log-feed';
import { useLogSearch } from './use-log-search';
import classes from './job-log.module.css';

export interface JobLogProps {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly stepNames: readonly string[];
  /** Nothing will be printed any more. */
  readonly isOver: boolean;
}

/** The log of one attempt. Must be mounted anew for another attempt (`key`). */
export function JobLog({ jobId, attempt, stepNames, isOver }: JobLogProps) {
  const [linkedSeq] = useState(() => lineOfHash(location.hash));
  const [markedSeq, setMarkedSeq] = useState(linkedSeq);
  const [isWrapped, setIsWrapped] = useState(true);
  const [isSearching, setIsSearching] = useState(false);
  const list = useRef<VirtuosoHandle>(null);
  const { feed, snapshot } = useLogFeed(jobId, attempt, linkedSeq, isOver);
  const { isFollowing, setIsFollowing, scrollerRef, scroller } = useFollow(linkedSeq === null);
  const { anchorSeq, goTo, leave } = useGoToLine({ feed, list, linkedSeq, setIsFollowing, onLink: setMarkedSeq });
  const { search, found } = useLogSearch(jobId, attempt, snapshot.lastSeq, goTo);
  const { rows, lastSeq, isComplete, isLoaded, problem } = snapshot;
  const { data: receipt } = useLogReceipt(jobId, attempt, isComplete);
  const firstItem = useMemo(() => firstItemIndexOf(rows), [rows]);
  const lastRow = rows.at(-1);
  const unread = lastSeq - (lastRow ? lastNumberOf(lastRow) : 0);
  const { needle, isCaseSensitive } = found;
  const pattern = useMemo(
    () => (needle === '' ? null : needlePattern(needle, isCaseSensitive, 'g')),
    [needle, isCaseSensitive],
  );

  const jumpToLatest = (): void => {
    leave();
    feed.jumpToEnd();
    setIsFollowing(true);
  };
  const mark = useCallback(
    (seq: number): void => {
      setMarkedSeq(seq);
      markLine(seq, attempt);
    },
    [attempt],
  );
  const closeSearch = (): void => {
    setIsSearching(false);
    void search.ask('', found.isCaseSensitive);
    scroller?.focus();
  };

  return (
    <section
      className={classes.panel}
      aria-label="Log"
      onKeyDown={(event) => {
        if (!wantsSearch(event)) return;
        event.preventDefault();
        setIsSearching(true);
      }}
    >
      <LogToolbar
        lines={lastSeq}
        receipt={receipt}
        problem={problem}
        isWrapped={isWrapped}
        onWrap={setIsWrapped}
        isSearching={isSearching}
        onSearch={() => (isSearching ? closeSearch() : setIsSearching(true))}
        fileUrls={{ text: logFileUrl(jobId, attempt, 'text'), ndjson: logFileUrl(jobId, attempt, 'ndjson') }}
      />
      <LogReceiptProblem receipt={receipt} />
      {isSearching && <LogSearchBar search={search} found={found} onClose={closeSearch} />}
      <div className={classes.view} data-wrapped={isWrapped || undefined}>
        {rows.length > 0 ? (
          <Virtuoso
            ref={list}
            scrollerRef={scrollerRef}
            data={rows}
            firstItemIndex={firstItem}
            initialTopMostItemIndex={initialIndex(rows, anchorSeq)}
            computeItemKey={(_index, row) => row.seq}
            defaultItemHeight={20}
            increaseViewportBy={400}
            atBottomThreshold={24}
            atBottomStateChange={(isAtBottom) => {
              if (isAtBottom && unread === 0) setIsFollowing(true);
            }}
            startReached={() => void feed.readOlder()}
            endReached={() => {
              if (unread > 0) feed.readForward();
            }}
            itemContent={(index, row) => (
              <LogLine
                row={row}
                stepTitle={stepTitle(rows[index - firstItem - 1]?.step, row.step, stepNames)}
                isMarked={row.seq === markedSeq}
                isCurrentHit={row.seq === found.seq}
                needle={pattern}
                onMark={mark}
              />
            )}
            className={classes.list}
            tabIndex={0}
            role="log"
            aria-live="off"
            aria-label="Log lines"
          />
        ) : (
          <div className={classes.empty}>{emptyText(isLoaded, isOver, problem)}</div>
        )}
        {!isFollowing && rows.length > 0 && (
          <Button
            className={classes.jump}
            size="xs"
            radius="xl"
            leftSection={<IconArrowDown size={14} />}
            onClick={jumpToLatest}
          >
            Jump to latest
          </Button>
        )}
      </div>
    </section>
  );
}

/** `/`, and the browser's own search, which sees only the lines that are on the screen. */
function wantsSearch({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent<HTMLElement>): boolean {
  if (key === 'f' && (ctrlKey || metaKey) && !altKey) return true;
  return key === '/' && !ctrlKey && !metaKey && !altKey && !(target instanceof HTMLInputElement);
}

function initialIndex(rows: readonly LogRow[], anchorSeq: number | null) {
  const last = rows.length - 1;
  if (anchorSeq === null) return { index: last, align: 'end' as const };
  return { index: Math.min(last, placeOf(rows, anchorSeq)), align: 'center' as const };
}

/** @param before the step of the line above; undefined: that line is not loaded */
function stepTitle(before: number | undefined, step: number, names: readonly string[]): string | null {
  if (before === step) return null;
  return step < 0 ? 'Preparation' : `Step ${step + 1} · ${names[step] ?? ''}`;
}

function emptyText(isLoaded: boolean, isOver: boolean, problem: string | null): string {
  if (problem) return `The log could not be read: ${problem} Trying again.`;
  if (!isLoaded) return 'Reading the log…';
  return isOver ? 'This attempt printed nothing.' : 'Nothing printed yet. Lines appear here as they arrive.';
}
