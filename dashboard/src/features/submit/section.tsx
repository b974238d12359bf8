import { Paper } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './submit.module.css';

interface SectionProps {
  readonly title: string;
  readonly hint?: string;
  readonly children: ReactNode;
}

export function Section({ title, hint, children }: SectionProps) {
  return (
    <Paper component="section" radius="lg" className={classes.section} aria-label={title}>
      <header>
        <h2 className={classes.title}>{title}</h2>
        {hint && <p className={classes.hint}>{hint}</p>}
      </header>
      {children}
    </Paper>
  );
}
