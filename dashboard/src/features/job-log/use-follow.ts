'use client';

import { useCallback, useEffect, useRef, useState } from 'react';

/** The element of react-virtuoso that is as high as all lines together. */
const ITEM_LIST = '[data-testid="virtuoso-item-list"]';
const SCROLL_UP_KEYS = new Set(['ArrowUp', 'PageUp', 'Home']);
const SCROLL_DOWN_KEYS = new Set(['ArrowDown', 'PageDown', 'End', ' ']);

/**
 * Whether the view stays on the last line. It yields to whoever scrolls up (wheel, touch, keys, the bar itself) and
 * takes over again at the bottom. Only intent counts: lines that arrive faster than they are measured also
 * move the view away from the bottom for a moment, and that must not end the following.
 */
export function useFollow(startsFollowing: boolean) {
  const [isFollowing, setState] = useState(startsFollowing);
  const hasScrolled = useRef(false);
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const scrollerRef = useCallback((element: HTMLElement | Window | null) => {
    setScroller(element instanceof HTMLElement ? element : null);
  }, []);

  /**
   * Whether the reader got to the bottom by scrolling. A link to one of the last lines also leads there, and stays; and a list
   * that is about to go may still say that it was at the bottom.
   */
  const mayFollow = useCallback(() => hasScrolled.current, []);
  const setIsFollowing = useCallback((wanted: boolean): void => {
    hasScrolled.current = false;
    setState(wanted);
  }, []);

  useEffect(() => {
    if (!scroller) return;
    const yieldIfScrollable = (): void => {
      if (scroller.scrollHeight > scroller.clientHeight) setState(false);
    };
    const onWheel = (event: WheelEvent): void => {
      hasScrolled.current = true;
      if (event.deltaY < 0) yieldIfScrollable();
    };
    const onTouch = (): void => {
      hasScrolled.current = true;
      yieldIfScrollable();
    };
    const onKey = (event: KeyboardEvent): void => {
      const isUp = SCROLL_UP_KEYS.has(event.key);
      if (isUp || SCROLL_DOWN_KEYS.has(event.key)) hasScrolled.current = true;
      if (isUp) yieldIfScrollable();
    };
    const onPointer = (event: PointerEvent): void => {
      hasScrolled.current = true;
      // On the element itself, not on a line: that is its scroll bar.
      if (event.target === scroller) yieldIfScrollable();
    };
    scroller.addEventListener('wheel', onWheel, { passive: true });
    scroller.addEventListener('touchmove', onTouch, { passive: true });
    scroller.addEventListener('keydown', onKey);
    scroller.addEventListener('pointerdown', onPointer);
    return () => {
      scroller.removeEventListener('wheel', onWheel);
      scroller.removeEventListener('touchmove', onTouch);
      scroller.removeEventListener('keydown', onKey);
      scroller.removeEventListener('pointerdown', onPointer);
    };
  }, [scroller]);

  useEffect(() => {
    if (!scroller || !isFollowing) return;
    // The list itself can be asked to scroll to the last line, but it forgets that when it has not measured the line
    // yet. What is observed here is its height after layout, so the end is really there. The border box, because lines that are
    // not mounted are padding of the list: its content stays as high as it is while as many lines are mounted as before.
    const observer = new ResizeObserver(() => (scroller.scrollTop = scroller.scrollHeight));
    for (const element of [scroller, ...scroller.querySelectorAll(ITEM_LIST)]) {
      observer.observe(element, { box: 'border-box' });
    }
    return () => observer.disconnect();
  }, [scroller, isFollowing]);

  return { isFollowing, setIsFollowing, scrollerRef, scroller, mayFollow };
}
