'use client';

import type { StepView } from '@dibs/shared';
import { Loader, Paper } from '@mantine/core';
import {
  IconBan,
  IconCircle,
  IconCircleCheck,
  IconCircleX,
  IconClockX,
  IconPlayerSkipForward,
} from '@tabler/icons-react';
import { Duration } from '../../ui/times';
import { STEP_STATE_VIEWS } from './job-state-view';
import classes from './job-page.module.css';

const ICONS = {
  pending: <IconCircle size={18} stroke={1.6} />,
  running: <Loader size={15} color="var(--tone-info)" />,
  succeeded: <IconCircleCheck size={18} stroke={1.8} />,
  failed: <IconCircleX size={18} stroke={1.8} />,
  canceled: <IconBan size={18} stroke={1.6} />,
  timed_out: <IconClockX size={18} stroke={1.6} />,
  skipped: <IconPlayerSkipForward size={17} stroke={1.6} />,
} satisfies Record<StepView['state'], React.ReactNode>;

export function JobSteps({ steps }: { readonly steps: readonly StepView[] }) {
  if (steps.length === 0) return null;
  return (
    <Paper component="section" radius="lg" className={classes.card} aria-label="Steps">
      <h2 className={classes.cardTitle}>Steps</h2>
      <ol className={classes.rows}>
        {steps.map((step) => (
          <li key={step.step} className={classes.row} data-testid={`step-${step.step}`} data-state={step.state}>
            <span
              className={classes.stepIcon}
              data-tone={STEP_STATE_VIEWS[step.state].tone}
              role="img"
              aria-label={STEP_STATE_VIEWS[step.state].word}
            >
              {ICONS[step.state]}
            </span>
            <span className={classes.rowText}>
              <bdi>{step.name}</bdi>
              <Outcome step={step} />
            </span>
            <span className={classes.rowTime}>
              {step.startedAt && <Duration from={step.startedAt} to={step.finishedAt} />}
            </span>
          </li>
        ))}
      </ol>
    </Paper>
  );
}

function Outcome({ step: { state, exitCode, signal } }: { readonly step: StepView }) {
  const words = [
    state !== 'succeeded' && state !== 'pending' && state !== 'running' && STEP_STATE_VIEWS[state].word,
    exitCode !== null && exitCode !== 0 && `exit code ${exitCode}`,
    signal && `signal ${signal}`,
  ].filter(Boolean);
  return words.length > 0 ? <div className={classes.rowNote}>{words.join(' · ')}</div> : null;
}
