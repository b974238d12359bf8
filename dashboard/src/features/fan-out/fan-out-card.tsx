'use client';

import { JOB_STATES, type ChildrenView } from '@dibs/shared';
import { Paper, Text } from '@mantine/core';
import Link from 'next/link';
import { messageOf } from '../../api/api-error';
import { useChildren } from '../../api/jobs';
import { JobStatePill } from '../jobs/job-state-view';
import pageClasses from '../jobs/job-page.module.css';
import classes from './fan-out.module.css';

interface FanOutCardProps {
  readonly jobId: string;
  readonly roll: ChildrenView;
}

/** The children of a fan-out: how many are in which state, and each with the instance it is for. */
export function FanOutCard({ jobId, roll }: FanOutCardProps) {
  const { data: children, error } = useChildren(jobId, roll);
  return (
    <Paper component="section" radius="lg" className={pageClasses.card} aria-label="Children">
      <h2 className={pageClasses.cardTitle}>
        {roll.total} {roll.total === 1 ? 'instance' : 'instances'}
      </h2>
      <p className={classes.summary} data-testid="fan-out-summary">
        {JOB_STATES.filter((state) => (roll.byState[state] ?? 0) > 0).map((state) => (
          <span key={state} className={classes.count}>
            <span className="tabular">{roll.byState[state]}</span> <JobStatePill state={state} />
          </span>
        ))}
        {roll.batchSize !== null && (
          <Text span size="xs" c="dimmed">
            at most {roll.batchSize} at a time
          </Text>
        )}
      </p>
      {error && (
        <p className={classes.summary} role="alert">
          They could not be read: {messageOf(error)}
        </p>
      )}
      <ul className={pageClasses.rows}>
        {children?.items.map((child) => (
          <li key={child.id} className={pageClasses.row}>
            <JobStatePill state={child.state} />
            <span className={pageClasses.rowText}>
              <Link href={`/jobs/${child.id}`} className="link">
                <bdi>{child.forInstance?.instance ?? child.name}</bdi>
              </Link>
              {child.forInstance && child.forInstance.runner !== child.forInstance.instance && (
                <span className={pageClasses.rowNote}>
                  {' '}
                  <bdi>{child.forInstance.runner}</bdi>
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {children?.nextCursor && <p className={classes.summary}>Only the newest {children.items.length} are shown.</p>}
      {roll.skipped.length > 0 && (
        <p className={classes.summary}>
          Left out, because offline or draining: <bdi>{roll.skipped.join(', ')}</bdi>
        </p>
      )}
    </Paper>
  );
}
