import type { ReactNode } from 'react';
import classes from './job-log.module.css';

export const READING_LOG = 'Reading the log…';

interface NoLogProps {
  /** The viewer itself is on its way. */
  readonly isBusy?: boolean;
  readonly children: ReactNode;
}

/** In the log's place and size while there is none. */
export function NoLog({ isBusy = false, children }: NoLogProps) {
  return (
    <section className={classes.panel} aria-label="Log" aria-busy={isBusy}>
      <div className={classes.toolbar}>
        <h2 className={classes.heading}>Log</h2>
      </div>
      <div className={classes.view}>
        <div className={classes.empty}>{children}</div>
      </div>
    </section>
  );
}
