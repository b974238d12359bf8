/** The list goes on moving after it was told to scroll to a line: it measures lines when it has mounted them. */
const SETTLES_WITHIN_MS = 2_000;
/** Of its area: less means that it is cut off. */
const SEEN = 0.9;

/**
 * Brings a part of a line into view, which may be far down or to the right in it, and keeps it there until the list has settled
 * or somebody does something else.
 *
 * @returns ends it
 */
export function keepInView(part: Element): () => void {
  const watch = new AbortController();
  const observer = new IntersectionObserver(
    ([seen]) => {
      if (seen!.intersectionRatio < SEEN) part.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    },
    { threshold: SEEN },
  );
  const end = (): void => {
    observer.disconnect();
    clearTimeout(timer);
    watch.abort();
  };
  const timer = setTimeout(end, SETTLES_WITHIN_MS);
  observer.observe(part);
  for (const input of ['wheel', 'touchmove', 'pointerdown', 'keydown']) {
    addEventListener(input, end, { passive: true, signal: watch.signal });
  }
  return end;
}
