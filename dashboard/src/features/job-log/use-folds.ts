'use client';

import { notifications } from '@mantine/notifications';
import { useCallback, useMemo } from 'react';
import { messageOf } from '../../api/api-error';
import { stepRangeReader } from '../../api/logs';
import type { LogFeed } from './log-feed';

interface FoldsOptions {
  readonly feed: LogFeed;
  readonly jobId: string;
  readonly attempt: number;
  readonly setIsFollowing: (isFollowing: boolean) => void;
  /** Where a list that is mounted anew begins. */
  readonly setAnchorSeq: (seq: number) => void;
}

/** Folding of steps that are over: only then is known where their lines end. */
export function useFolds({ feed, jobId, attempt, setIsFollowing, setAnchorSeq }: FoldsOptions) {
  const rangeOf = useMemo(() => stepRangeReader(jobId, attempt), [jobId, attempt]);

  const toggle = useCallback(
    async (step: number): Promise<void> => {
      try {
        const range = await rangeOf(step);
        if (!range) return;
        setAnchorSeq(range.firstSeq);
        if (!feed.isFolded(step)) return feed.fold(range);
        setIsFollowing(false);
        feed.unfold(step);
      } catch (error) {
        notifications.show({ color: 'red', title: 'The step could not be folded', message: messageOf(error) });
      }
    },
    [feed, rangeOf, setIsFollowing, setAnchorSeq],
  );

  /** @returns number of its first line; null: it printed none, or that could not be read */
  const firstLineOf = useCallback(
    async (step: number) => (await rangeOf(step).catch(() => null))?.firstSeq ?? null,
    [rangeOf],
  );
  return { toggleStep: useCallback((step: number) => void toggle(step), [toggle]), firstLineOf };
}
