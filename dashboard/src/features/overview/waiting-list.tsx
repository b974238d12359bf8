import type { WaitingFor } from '@dibs/shared';
import { Paper } from '@mantine/core';
import { countText } from './figures';
import classes from './overview.module.css';

/** Jobs that are not in the queue yet, by what they wait for. */
export function WaitingList({ waitingFor }: { readonly waitingFor: readonly WaitingFor[] }) {
  if (waitingFor.length === 0) return null;
  return (
    <Paper component="section" radius="lg" className={classes.card} aria-label="Not in the queue yet">
      <h2 className={classes.cardTitle}>Not in the queue yet</h2>
      <ul className={classes.reasons}>
        {waitingFor.map(({ reason, text, count }) => (
          <li key={reason} data-reason={reason}>
            <span className={`${classes.reasonCount} tabular`}>{countText(count)}</span>
            {text}
          </li>
        ))}
      </ul>
    </Paper>
  );
}
