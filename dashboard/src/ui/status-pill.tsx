import type { ReactNode } from 'react';
import classes from './status-pill.module.css';

export type Tone = 'neutral' | 'info' | 'good' | 'bad' | 'warn' | 'muted';

interface StatusPillProps {
  readonly tone: Tone;
  readonly children: ReactNode;
  /** The dot breathes: this state is at work. */
  readonly isActive?: boolean;
  readonly size?: 'sm' | 'md';
}

/** A state as a coloured dot with its word; the word carries the meaning, the colour only helps. */
export function StatusPill({ tone, children, isActive = false, size = 'sm' }: StatusPillProps) {
  return (
    <span className={classes.pill} data-tone={tone} data-size={size} data-active={isActive || undefined}>
      <span className={classes.dot} aria-hidden />
      {children}
    </span>
  );
}
