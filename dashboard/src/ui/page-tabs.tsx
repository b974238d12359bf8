'use client';

import Link from 'next/link';
import { useEffect, useRef } from 'react';
import classes from './page-tabs.module.css';

export interface PageTab {
  readonly href: string;
  readonly label: string;
}

interface PageTabsProps {
  readonly label: string;
  readonly tabs: readonly PageTab[];
  /** `href` of the one that is open. */
  readonly current: string | undefined;
}

/** Parts of a page that have addresses of their own. */
export function PageTabs({ label, tabs, current }: PageTabsProps) {
  const nav = useRef<HTMLElement>(null);
  // on a phone they scroll, and the one that is open may be out of sight
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  return (
    <nav ref={nav} className={classes.tabs} aria-label={label}>
      {tabs.map(({ href, label }) => (
        <Link key={href} href={href} className={classes.tab} aria-current={href === current ? 'page' : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
