'use client';

import type { RefObject } from 'react';
import { Virtuoso, type VirtuosoHandle } from 'react-virtuoso';
import type { LineRange } from './line-link';
import { LogLine } from './log-line';
import { placeOf, type ViewRow } from './log-rows';
import type { LogWindow } from './log-window';
import classes from './job-log.module.css';

interface LogListProps {
  readonly list: RefObject<VirtuosoHandle | null>;
  readonly scrollerRef: (element: HTMLElement | Window | null) => void;
  readonly window: LogWindow;
  /** Line to begin around; null: at the end. */
  readonly anchorSeq: number | null;
  readonly steps: readonly { readonly name: string; readonly isOver: boolean }[];
  readonly marked: LineRange | null;
  readonly hitSeq: number | null;
  readonly needle: RegExp | null;
  readonly hasTimes: boolean;
  readonly onBottom: () => void;
  readonly onTopReached: () => void;
  readonly onEndReached: () => void;
  readonly onToggleStep: (step: number) => void;
  readonly onMark: (seq: number, isExtending: boolean) => void;
}

/** The rows that can be seen, and some around them. Must be mounted anew for rows that have nothing to do with the old ones. */
export function LogList({ window, steps, marked, ...props }: LogListProps) {
  const { rows, firstIndex } = window;
  // the runner prepares before the first step begins
  const isOver = (step: number): boolean => (step < 0 ? rows.at(-1)?.step !== step : (steps[step]?.isOver ?? false));
  return (
    <Virtuoso
      ref={props.list}
      scrollerRef={props.scrollerRef}
      data={rows}
      firstItemIndex={firstIndex}
      initialTopMostItemIndex={initialIndex(rows, props.anchorSeq)}
      computeItemKey={(_index, row) => row.seq}
      defaultItemHeight={20}
      increaseViewportBy={400}
      atBottomThreshold={24}
      atBottomStateChange={(isAtBottom) => isAtBottom && props.onBottom()}
      startReached={props.onTopReached}
      endReached={props.onEndReached}
      itemContent={(index, row) => (
        <LogLine
          row={row}
          isFirstOfStep={rows[index - firstIndex - 1]?.step !== row.step}
          stepName={steps[row.step]?.name}
          onToggleStep={isOver(row.step) ? props.onToggleStep : null}
          isMarked={marked !== null && row.seq >= marked.from && row.seq <= marked.to}
          isCurrentHit={row.seq === props.hitSeq}
          needle={props.needle}
          hasTime={props.hasTimes}
          onMark={props.onMark}
        />
      )}
      className={classes.list}
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label="Log lines"
    />
  );
}

function initialIndex(rows: readonly ViewRow[], anchorSeq: number | null) {
  // by its name: the list goes there again while it measures rows, and more may have been added since
  if (anchorSeq === null) return { index: 'LAST' as const, align: 'end' as const };
  return { index: Math.min(rows.length - 1, placeOf(rows, anchorSeq)), align: 'center' as const };
}
