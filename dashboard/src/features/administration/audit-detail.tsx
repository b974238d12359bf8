'use client';

import type { AuditEventView } from '@dibs/shared';
import { formatMoment } from '../../ui/format-time';
import classes from './administration.module.css';

/** Told beside the action already. */
const NAMES = new Set(['name', 'email']);

/** The action, what it was done to, and what the entry tells besides. */
export function AuditDetail({ event: { at, action, target, targetName, data } }: { readonly event: AuditEventView }) {
  const told = Object.entries(data).filter(
    ([key, value]) => value !== null && value !== false && !(NAMES.has(key) && value === targetName),
  );
  return (
    <div>
      <span className={classes.code}>{action}</span>{' '}
      <bdi className={targetName === null ? classes.code : undefined} title={target}>
        {targetName ?? target}
      </bdi>
      <dl className={classes.detail}>
        {told.map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>
              <bdi>{typeof value === 'string' ? value : JSON.stringify(value)}</bdi>
            </dd>
          </div>
        ))}
        {/* where the table has no room for a column of it */}
        <div className={classes.whenBelow}>
          <dt>at</dt>
          <dd>{formatMoment(at)}</dd>
        </div>
      </dl>
    </div>
  );
}
