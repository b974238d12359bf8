import { useDocumentTitle } from '@mantine/hooks';
import { useEffect } from 'react';
import type { Tone } from '../ui/status-pill';
import { visibleText } from '../ui/visible-text';
import { useLive } from './live-provider';

/** Bright, for the dark ground of the mark: tabs do not follow the scheme of the page. */
const COLOURS = {
  neutral: '#c0c5cd',
  info: '#6aa5ff',
  good: '#4cc47a',
  bad: '#ff5f57',
  warn: '#f2b13c',
  muted: '#959ca8',
} as const satisfies Record<Tone, string>;

/** What the tab of a page says to those who look at another one: its title and, as a dot in its icon, the state of what is open. */
export function useTab(title: string, tone: Tone | null = null): void {
  useDocumentTitle(`${visibleText(title)} · Dibs`);
  const isBehind = useLive().state === 'reconnecting';
  // an old state is none
  const dot = isBehind ? RING_IN_PIECES : tone && dotOf(COLOURS[tone]);
  useEffect(() => {
    if (dot === null) return;
    const link = document.createElement('link');
    Object.assign(link, { rel: 'icon', type: 'image/svg+xml', href: iconWith(dot) });
    link.dataset['state'] = 'true';
    // of several icons browsers take the last
    document.head.append(link);
    return () => link.remove();
  }, [dot]);
}

/** @returns an address that holds the picture itself: the page policy allows images as data */
function iconWith(dot: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">${FLAG}${dot}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function dotOf(colour: string): string {
  return `<circle cx="17" cy="17" r="6" fill="${colour}" stroke="#1f242d" stroke-width="2"/>`;
}

const RING_IN_PIECES = `<circle cx="17" cy="17" r="5" fill="#1f242d" stroke="${COLOURS.warn}" stroke-width="2.5" stroke-dasharray="4 2"/>`;

const FLAG =
  '<rect width="24" height="24" rx="6" fill="#1f242d"/><path d="M8 5.5v13" stroke="#fff" stroke-width="2" stroke-linecap="round"/><path d="M8 6.2h9.2l-2.6 3.4 2.6 3.4H8z" fill="#ff6b4a"/>';
