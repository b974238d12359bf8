'use client';

import { JOB_REASONS, type AttemptView } from '@dibs/shared';
import { Paper, UnstyledButton } from '@mantine/core';
import { useContext } from 'react';
import { StatusPill } from '../../ui/status-pill';
import { Duration, NowContext } from '../../ui/times';
import { useTick } from '../../ui/use-now';
import { JOB_STATE_VIEWS } from './job-state-view';
import { waterfall } from './waterfall';
import { WaterfallBar } from './waterfall-bar';
import classes from './job-page.module.css';

interface JobAttemptsProps {
  readonly attempts: readonly AttemptView[];
  /** The one whose log is shown. */
  readonly shown: number;
  readonly onShow: (attempt: number) => void;
}

/** All of them on one scale of time, the last first; each leads to its steps and its log. */
export function JobAttempts({ attempts, shown, onShow }: JobAttemptsProps) {
  useTick();
  const nowMs = useContext(NowContext)();
  const firstMs = Date.parse(attempts[0]!.claimedAt);
  const endsMs = attempts.map(({ finishedAt }) => (finishedAt ? Date.parse(finishedAt) : nowMs));
  const scale = waterfall({ queuedMs: firstMs, claimedMs: firstMs, endMs: Math.max(...endsMs) });
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
              aria-label={`Show the steps and the log of attempt ${attempt.attempt}`}
            >
              <span className={classes.rowText}>
                <span className={classes.rowHead}>
                  <span className={classes.rowName}>
                    Attempt {attempt.attempt} <AttemptPill attempt={attempt} />
                  </span>
                  <span className={classes.rowTime}>
                    <Duration from={attempt.claimedAt} to={attempt.finishedAt} />
                  </span>
                </span>
                <span className={classes.rowNote}>
                  <bdi>{attempt.claimedBy.instance}</bdi> · {attempt.lastSeq.toLocaleString()}{' '}
                  {attempt.lastSeq === 1 ? 'line' : 'lines'}
                  <EndedAt attempt={attempt} />
                  {attempt.reason && attempt.outcome !== 'succeeded' && ` · ${JOB_REASONS[attempt.reason]}`}
                </span>
                <WaterfallBar
                  extent={scale.extent(Date.parse(attempt.claimedAt), endsMs[attempts.indexOf(attempt)]!)}
                  tone={attempt.outcome === null ? 'info' : JOB_STATE_VIEWS[attempt.outcome].tone}
                />
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ol>
    </Paper>
  );
}

/** Which step it did not get beyond, to be compared with the other attempts. */
function EndedAt({ attempt: { outcome, steps } }: { readonly attempt: AttemptView }) {
  const last = steps.findLast(({ startedAt }) => startedAt !== null);
  if (outcome === null || outcome === 'succeeded' || !last || steps.length === 1) return null;
  return (
    <>
      {` · ended at step ${last.step + 1} of ${steps.length}, `}
      <bdi>{last.name}</bdi>
    </>
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
