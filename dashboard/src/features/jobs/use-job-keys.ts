'use client';

import { useHotkeys, type HotkeyItem } from '@mantine/hooks';
import type { RefObject } from 'react';

export const JOB_KEYS = [
  { keys: ['j', '↓'], does: 'Next job' },
  { keys: ['k', '↑'], does: 'Previous job' },
  { keys: ['Enter'], does: 'Open the job' },
  { keys: ['x'], does: 'Select the job, or not' },
  { keys: ['Esc'], does: 'Select nothing' },
  { keys: ['/'], does: 'Find jobs' },
  { keys: ['?'], does: 'These keys' },
] as const;

interface JobKeyActions {
  readonly list: RefObject<HTMLElement | null>;
  readonly onToggle: (jobId: string) => void;
  readonly onClear: () => void;
  readonly onSearch: () => void;
  readonly onHelp: () => void;
}

/** Keys move the browser's own focus from job to job, so Enter, screen readers and scrolling work as they do everywhere. */
export function useJobKeys({ list, onToggle, onClear, onSearch, onHelp }: JobKeyActions): void {
  const links = (): HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>('a[data-job]') ?? [])];
  const focused = (all: readonly HTMLElement[]): number =>
    all.findIndex((link) => link.closest('tr')?.contains(document.activeElement));
  const move = (by: 1 | -1): void => {
    const all = links();
    const at = focused(all);
    const next = at === -1 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1);
    all[next]?.focus();
    all[next]?.scrollIntoView({ block: 'nearest' });
  };
  const toggle = (): void => {
    const all = links();
    const id = all[focused(all)]?.dataset['job'];
    if (id !== undefined) onToggle(id);
  };
  const inList = (action: () => void) => (): void => {
    if (focused(links()) !== -1) action();
  };
  useHotkeys(
    [
      ['j', key(() => move(1))],
      ['k', key(() => move(-1))],
      // elsewhere they scroll
      ['ArrowDown', key(inList(() => move(1)))],
      ['ArrowUp', key(inList(() => move(-1)))],
      ['x', key(toggle)],
      ['Escape', key(onClear)],
      ['/', key(onSearch)],
      ['shift+?', key(onHelp)],
    ].map(([name, handler]) => [name, handler, { preventDefault: false }] as HotkeyItem),
    [],
  );
}

/** Where one writes, letters mean themselves; dialogs and menus have keys of their own. */
function key(action: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    const { target } = event;
    if (
      target instanceof HTMLElement &&
      target.matches('textarea, select, input:not([type="checkbox"], [type="radio"])')
    )
      return;
    if (document.querySelector('[role="dialog"], [role="menu"]')) return;
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') event.preventDefault();
    action();
  };
}
