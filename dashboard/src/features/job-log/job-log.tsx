'use client';

import { needlePattern, type JobId } from '@dibs/shared';
import { Button } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconArrowDown } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { VirtuosoHandle } from 'react-virtuoso';
import { logFileUrl, useLogReceipt } from '../../api/logs';
import { linesOfHash } from './line-link';
import { LogList } from './log-list';
import { LogReceiptProblem } from './log-receipt-note';
import { LogSearchBar } from './log-search-bar';
import { LogToolbar } from './log-toolbar';
import { READING_LOG } from './no-log';
import { useFolds } from './use-folds';
import { useFollow } from './use-follow';
import { useGoToLine } from './use-go-to-line';
import { useLineLinks } from './use-line-links';
import { useLogFeed } from './use-log-feed';
import { useLogSearch } from './use-log-search';
import classes from './job-log.module.css';

/** So few lines are read before anybody has seen that they are missing. */
const FEW_LINES = 2_000;

export interface JobLogProps {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly steps: readonly { readonly name: string; readonly isOver: boolean }[];
  /** Nothing will be printed any more. */
  readonly isOver: boolean;
}

/** The log of one attempt. Must be mounted anew for another attempt (`key`). */
export function JobLog({ jobId, attempt, steps, isOver }: JobLogProps) {
  const [linkedSeq] = useState(() => linesOfHash(location.hash)?.from ?? null);
  const [isWrapped, setIsWrapped] = useLocalStorage({
    key: 'dibs-log-wrap',
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  const [hasTimes, setHasTimes] = useLocalStorage({
    key: 'dibs-log-times',
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const [isSearching, setIsSearching] = useState(false);
  const list = useRef<VirtuosoHandle>(null);
  const { feed, snapshot } = useLogFeed(jobId, attempt, linkedSeq, isOver);
  const { isFollowing, setIsFollowing, scrollerRef, scroller, mayFollow } = useFollow(linkedSeq === null);
  const { anchorSeq, setAnchorSeq, goTo } = useGoToLine({ feed, list, linkedSeq, setIsFollowing });
  const { toggleStep, firstLineOf } = useFolds({ feed, jobId, attempt, setIsFollowing, setAnchorSeq });
  const { marked, mark } = useLineLinks({ attempt, goTo, firstLineOf });
  const { search, found } = useLogSearch(jobId, attempt, snapshot.lastSeq, goTo);
  const { window, lastSeq, isComplete, isLoaded, problem } = snapshot;
  const { data: receipt } = useLogReceipt(jobId, attempt, isComplete);
  const unread = lastSeq - window.lastSeq;
  const { needle, isCaseSensitive } = found;
  const pattern = useMemo(
    () => (needle === '' ? null : needlePattern(needle, isCaseSensitive, 'g')),
    [needle, isCaseSensitive],
  );

  useEffect(() => feed.follow(isFollowing), [feed, isFollowing]);

  const jumpToLatest = (): void => {
    setIsFollowing(true);
    feed.jumpToEnd();
  };
  const closeSearch = (): void => {
    setIsSearching(false);
    void search.ask('', found.isCaseSensitive);
    scroller?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const action = wantsSearch(event) ? () => setIsSearching(true) : actionOfKey(event, jumpToLatest, goTo);
    if (!action) return;
    event.preventDefault();
    action();
  };

  return (
    <section className={classes.panel} aria-label="Log" onKeyDown={onKeyDown}>
      <LogToolbar
        lines={lastSeq}
        receipt={receipt}
        onShow={(seq) => goTo(seq, true)}
        problem={problem}
        isWrapped={isWrapped}
        onWrap={setIsWrapped}
        hasTimes={hasTimes}
        onTimes={setHasTimes}
        isSearching={isSearching}
        onSearch={() => (isSearching ? closeSearch() : setIsSearching(true))}
        fileUrls={{ text: logFileUrl(jobId, attempt, 'text'), ndjson: logFileUrl(jobId, attempt, 'ndjson') }}
      />
      <LogReceiptProblem receipt={receipt} />
      {isSearching && <LogSearchBar search={search} found={found} onClose={closeSearch} />}
      <div className={classes.view} data-wrapped={isWrapped || undefined}>
        {window.rows.length > 0 ? (
          <LogList
            key={snapshot.generation}
            list={list}
            scrollerRef={scrollerRef}
            window={window}
            anchorSeq={isFollowing ? null : anchorSeq}
            steps={steps}
            marked={marked}
            hitSeq={found.seq}
            needle={pattern}
            hasTimes={hasTimes}
            onBottom={() => {
              if (unread <= FEW_LINES && mayFollow()) setIsFollowing(true);
            }}
            onTopReached={() => void feed.readOlder()}
            onEndReached={() => {
              if (unread > 0) feed.readForward();
            }}
            onToggleStep={toggleStep}
            onMark={mark}
          />
        ) : (
          <div className={classes.empty}>{emptyText(isLoaded, isOver, problem)}</div>
        )}
        {!isFollowing && window.rows.length > 0 && (
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

/** To the ends of the log, which may not be those of what is loaded. */
function actionOfKey(
  { key, target, shiftKey }: KeyboardEvent<HTMLElement>,
  toEnd: () => void,
  goTo: (seq: number) => void,
): (() => void) | null {
  if (shiftKey || target instanceof HTMLInputElement) return null;
  if (key === 'End') return toEnd;
  return key === 'Home' ? () => goTo(1) : null;
}

function emptyText(isLoaded: boolean, isOver: boolean, problem: string | null): string {
  if (problem) return `The log could not be read: ${problem} Trying again.`;
  if (!isLoaded) return READING_LOG;
  return isOver ? 'This attempt printed nothing.' : 'Nothing printed yet. Lines appear here as they arrive.';
}
