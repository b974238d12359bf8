'use client';

import { JOB_REASONS, type AttemptView } from '@dibs/shared';
import { Paper, UnstyledButton } from '@mantine/core';
import { Duration } from '../../ui/times';
import { StatusPill } from '../../ui/status-pill';
import { JOB_STATE_VIEWS } from './job-state-view';
import classes from './job-page.module.css';

interface JobAttemptsProps {
  readonly attempts: readonly AttemptView[];
  /** The one whose log is shown. */
  readonly shown: number;
  readonly onShow: (attempt: number) => void;
}

export function JobAttempts({ attempts, shown, onShow }: JobAttemptsProps) {
  return (
    <Paper component="section" radius="lg" className={classes.card} aria-label="Attempts">
      <h2 className={classes.cardTitle}>Attempts</h2>
      <ol className={classes.rows} reversed>
        {[...attempts].reverse().map((attempt) => (
          <li key={attempt.attempt}>
            <UnstyledButton
              className={`${classes.row} ${classes.attempt}`}
              onClick={() => onShow(attempt.attempt)}
              aria-current={attempt.attempt === shown || undefined}
              aria-label={`Show the log of attempt ${attempt.attempt}`}
            >
              <span className={classes.rowText}>
                Attempt {attempt.attempt} <AttemptPill attempt={attempt} />
                <div className={classes.rowNote}>
                  <bdi>{attempt.claimedBy.instance}</bdi>
                  {attempt.reason && attempt.outcome !== 'succeeded' && ` · ${JOB_REASONS[attempt.reason]}`}
                </div>
              </span>
              <span className={classes.rowTime}>
                <Duration from={attempt.claimedAt} to={attempt.finishedAt} />
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ol>
    </Paper>
  );
}

function AttemptPill({ attempt: { outcome } }: { readonly attempt: AttemptView }) {
  if (outcome === null) {
    return (
      <StatusPill tone="info" isActive>
        Current
      </StatusPill>
    );
  }
  const { tone, word } = JOB_STATE_VIEWS[outcome];
  return <StatusPill tone={tone}>{word}</StatusPill>;
}
