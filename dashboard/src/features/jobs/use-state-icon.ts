import { useEffect } from 'react';
import type { LiveState } from '../../live/live-connection';
import type { Tone } from '../../ui/status-pill';

/** Bright, for the dark ground of the mark: tabs do not follow the scheme of the page. */
const COLOURS = {
  neutral: '#c0c5cd',
  info: '#6aa5ff',
  good: '#4cc47a',
  bad: '#ff5f57',
  warn: '#f2b13c',
  muted: '#959ca8',
} as const satisfies Record<Tone, string>;

/** Shows the state of what is open in the icon of its tab, as a dot, for those who look at another one. */
export function useStateIcon(tone: Tone | null, live: LiveState): void {
  const icon = tone === null ? null : stateIcon(tone, live === 'reconnecting');
  useEffect(() => {
    if (icon === null) return;
    const link = document.createElement('link');
    Object.assign(link, { rel: 'icon', type: 'image/svg+xml', href: icon });
    link.dataset['state'] = 'true';
    // of several icons browsers take the last
    document.head.append(link);
    return () => link.remove();
  }, [icon]);
}

/** @returns an address that holds the picture itself: the page policy allows images as data */
function stateIcon(tone: Tone, isBehind: boolean): string {
  // a ring in pieces: an old state is none
  const dot = isBehind
    ? `<circle cx="17" cy="17" r="5" fill="#1f242d" stroke="${COLOURS.warn}" stroke-width="2.5" stroke-dasharray="4 2"/>`
    : `<circle cx="17" cy="17" r="6" fill="${COLOURS[tone]}" stroke="#1f242d" stroke-width="2"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">${FLAG}${dot}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

const FLAG =
  '<rect width="24" height="24" rx="6" fill="#1f242d"/><path d="M8 5.5v13" stroke="#fff" stroke-width="2" stroke-linecap="round"/><path d="M8 6.2h9.2l-2.6 3.4 2.6 3.4H8z" fill="#ff6b4a"/>';
