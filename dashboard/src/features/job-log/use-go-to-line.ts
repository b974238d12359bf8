'use client';

import { useCallback, useState, type RefObject } from 'react';
import type { VirtuosoHandle } from 'react-virtuoso';
import type { LogFeed } from './log-feed';
import { placeOf } from './log-rows';

interface GoToLineOptions {
  readonly feed: LogFeed;
  readonly list: RefObject<VirtuosoHandle | null>;
  /** The line of the address when the page was opened. */
  readonly linkedSeq: number | null;
  readonly setIsFollowing: (isFollowing: boolean) => void;
}

/**
 * Shows a line in the middle of the view, wherever in the log it is. What is loaded already is scrolled to; else the
 * feed begins again around it, and the list, which is mounted anew then, begins at `anchorSeq`.
 */
export function useGoToLine({ feed, list, linkedSeq, setIsFollowing }: GoToLineOptions) {
  const [anchorSeq, setAnchorSeq] = useState(linkedSeq);
  const goTo = useCallback(
    (seq: number, anew = false): void => {
      setIsFollowing(false);
      setAnchorSeq(seq);
      feed.goTo(seq, anew);
      const { rows } = feed.getSnapshot().window;
      if (rows.length > 0) list.current?.scrollToIndex({ index: placeOf(rows, seq), align: 'center' });
    },
    [feed, list, setIsFollowing],
  );
  return { anchorSeq, setAnchorSeq, goTo };
}
