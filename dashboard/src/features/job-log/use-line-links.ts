'use client';

import { notifications } from '@mantine/notifications';
import { useCallback, useEffect, useRef, useState } from 'react';
import { linesOfHash, markLines, stepOfHash, type LineRange } from './line-link';

interface LineLinksOptions {
  readonly attempt: number;
  readonly goTo: (seq: number) => void;
  readonly firstLineOf: (step: number) => Promise<number | null>;
}

/** The lines that the address names, and links to lines that somebody makes. */
export function useLineLinks({ attempt, goTo, firstLineOf }: LineLinksOptions) {
  const [marked, setMarked] = useState<LineRange | null>(() => linesOfHash(location.hash));
  const latest = useRef(marked);
  const set = useCallback((lines: LineRange): void => {
    latest.current = lines;
    setMarked(lines);
  }, []);

  useEffect(() => {
    const goToStep = async (step: number): Promise<void> => {
      const seq = await firstLineOf(step);
      if (seq !== null) goTo(seq);
    };
    const onHashChange = (): void => {
      const [lines, step] = [linesOfHash(location.hash), stepOfHash(location.hash)];
      if (step !== null) void goToStep(step);
      if (lines === null) return;
      set(lines);
      goTo(lines.from);
    };
    const step = stepOfHash(location.hash);
    if (step !== null) void goToStep(step);
    window.addEventListener('hashchange', onHashChange);
    return () => window.removeEventListener('hashchange', onHashChange);
  }, [goTo, firstLineOf, set]);

  /** @param isExtending from the line that is marked to this one */
  const mark = useCallback(
    (seq: number, isExtending: boolean): void => {
      const from = isExtending ? (latest.current?.from ?? seq) : seq;
      const lines = { from: Math.min(from, seq), to: Math.max(from, seq) };
      set(lines);
      void markLines(lines, attempt).then((isCopied) =>
        notifications.show({
          message: isCopied ? 'The link is copied.' : 'The link is in the address bar.',
          autoClose: 2_000,
        }),
      );
    },
    [attempt, set],
  );
  return { marked, mark };
}
