'use client';

import type { JobDetail, StepView } from '@dibs/shared';
import { Loader, Paper } from '@mantine/core';
import {
  IconBan,
  IconCircle,
  IconCircleCheck,
  IconCircleX,
  IconClockX,
  IconHourglass,
  IconPlayerSkipForward,
  IconTools,
} from '@tabler/icons-react';
import { useContext, type ReactNode } from 'react';
import type { Tone } from '../../ui/status-pill';
import { Duration, NowContext } from '../../ui/times';
import { useTick } from '../../ui/use-now';
import { STEP_STATE_VIEWS } from './job-state-view';
import { StepLink } from './step-link';
import { waterfall } from './waterfall';
import { WaterfallBar } from './waterfall-bar';
import classes from './job-page.module.css';

const ICONS = {
  pending: <IconCircle size={18} stroke={1.6} />,
  running: <Loader size={15} color="var(--tone-info)" />,
  succeeded: <IconCircleCheck size={18} stroke={1.8} />,
  failed: <IconCircleX size={18} stroke={1.8} />,
  canceled: <IconBan size={18} stroke={1.6} />,
  timed_out: <IconClockX size={18} stroke={1.6} />,
  skipped: <IconPlayerSkipForward size={17} stroke={1.6} />,
} satisfies Record<StepView['state'], ReactNode>;

interface JobStepsProps {
  readonly job: JobDetail;
  /** Number of the attempt whose steps and log are shown; 0: there is none. */
  readonly shown: number;
  /** Absent: on the page of the job itself. */
  readonly elsewhere?: { readonly label: string; readonly title: ReactNode; readonly jobPath: string };
}

/** What an attempt did and when: waiting, preparing, each step, on one scale of time. */
export function JobSteps({ job, shown, elsewhere }: JobStepsProps) {
  useTick();
  const nowMs = useContext(NowContext)();
  const steps = stepsOf(job, shown);
  const queuedAt = job.queuedAt ?? job.createdAt;
  const attempt = job.attempts.find((one) => one.attempt === shown);
  const claimedAt = attempt?.claimedAt ?? null;
  const finishedAt = attempt ? attempt.finishedAt : job.finishedAt;
  // how long it waited before a later attempt is told by the time line
  const isFirst = claimedAt === null || (job.attempts.length === 1 && Date.parse(queuedAt) <= Date.parse(claimedAt));
  const firstStart = steps[0]?.startedAt ?? null;
  const endMs = finishedAt ? Date.parse(finishedAt) : Math.max(nowMs, Date.parse(claimedAt ?? queuedAt));
  const scale = waterfall({
    queuedMs: Date.parse(isFirst ? queuedAt : claimedAt),
    claimedMs: claimedAt === null ? null : Date.parse(claimedAt),
    endMs,
  });
  const barOf = (from: string, to: string | null, tone: Tone, isCut = false): ReactNode => (
    <WaterfallBar extent={scale.extent(Date.parse(from), to ? Date.parse(to) : endMs)} tone={tone} isCut={isCut} />
  );

  return (
    <Paper component="section" radius="lg" className={classes.card} aria-label={elsewhere?.label ?? 'Steps'}>
      <h2 className={classes.cardTitle}>
        {elsewhere?.title ?? <>Steps{job.attempts.length > 1 && ` of attempt ${shown}`}</>}
      </h2>
      <ol className={`${classes.rows} ${classes.waterfall}`}>
        {isFirst && (
          <Row
            icon={<IconHourglass size={16} stroke={1.6} />}
            tone="muted"
            name={claimedAt ? 'Waited for a runner' : 'Waiting for a runner'}
            time={<Duration from={queuedAt} to={claimedAt ?? finishedAt} />}
            bar={barOf(queuedAt, claimedAt ?? finishedAt, 'neutral', scale.isWaitCut)}
          />
        )}
        {claimedAt !== null && (
          <Row
            icon={<IconTools size={16} stroke={1.6} />}
            tone="muted"
            name="Preparation"
            time={<Duration from={claimedAt} to={firstStart ?? finishedAt} />}
            bar={barOf(claimedAt, firstStart ?? finishedAt, 'neutral')}
          />
        )}
        {steps.map((step) => {
          const { tone, word } = STEP_STATE_VIEWS[step.state];
          return (
            <Row
              key={step.step}
              icon={ICONS[step.state]}
              tone={tone}
              word={word}
              testId={`step-${step.step}`}
              state={step.state}
              name={
                step.startedAt ? (
                  <StepLink step={step} {...(elsewhere && { jobPath: elsewhere.jobPath })} />
                ) : (
                  <bdi>{step.name}</bdi>
                )
              }
              note={outcomeOf(step)}
              time={step.startedAt && <Duration from={step.startedAt} to={step.finishedAt} />}
              bar={step.startedAt && barOf(step.startedAt, step.finishedAt, tone)}
            />
          );
        })}
      </ol>
    </Paper>
  );
}

/** Of an attempt; before the first one, those to come. */
export function stepsOf(job: JobDetail, shown: number): readonly StepView[] {
  return job.attempts.find((one) => one.attempt === shown)?.steps ?? job.steps;
}

interface RowProps {
  readonly icon: ReactNode;
  readonly tone: Tone;
  /** What the icon means. */
  readonly word?: string;
  readonly testId?: string;
  readonly state?: StepView['state'];
  readonly name: ReactNode;
  readonly note?: string;
  readonly time: ReactNode;
  readonly bar: ReactNode;
}

function Row({ icon, tone, word, testId, state, name, note, time, bar }: RowProps) {
  return (
    <li className={classes.row} data-testid={testId} data-state={state}>
      <span
        className={classes.stepIcon}
        data-tone={tone}
        {...(word === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': word })}
      >
        {icon}
      </span>
      <div className={classes.rowText}>
        <div className={classes.rowHead}>
          <span className={classes.rowName}>{name}</span>
          <span className={classes.rowTime}>{time}</span>
        </div>
        {note && <div className={classes.rowNote}>{note}</div>}
        {bar}
      </div>
    </li>
  );
}

function outcomeOf({ state, exitCode, signal }: StepView): string {
  return [
    state !== 'succeeded' && state !== 'pending' && state !== 'running' && STEP_STATE_VIEWS[state].word,
    exitCode !== null && exitCode !== 0 && `exit code ${exitCode}`,
    signal && `signal ${signal}`,
  ]
    .filter(Boolean)
    .join(' · ');
}
