'use client';

import type { ExplainedGroup, JobExplanation, JobId } from '@dibs/shared';
import { Paper, Skeleton } from '@mantine/core';
import Link from 'next/link';
import { messageOf } from '../../api/api-error';
import { Ago } from '../../ui/times';
import { RunnerTable } from './runner-table';
import { useLiveExplanation } from './use-live-explanation';
import { VerdictBanner } from './verdict-banner';
import classes from './explain.module.css';

interface WhyWaitingProps {
  readonly jobId: JobId;
  /** An earlier attempt has a log, which needs the room. */
  readonly isBesideLog?: boolean;
}

/** Why a job that waits is not running, in plain words, runner by runner. */
export function WhyWaiting({ jobId, isBesideLog = false }: WhyWaitingProps) {
  const { data, error } = useLiveExplanation(jobId);
  return (
    <Paper
      component="section"
      radius="lg"
      className={classes.card}
      data-beside-log={isBesideLog || undefined}
      aria-label="Why is it waiting?"
    >
      <h2 className={classes.title}>Why is it waiting?</h2>
      <div className={classes.body}>
        {data ? (
          <Explanation explanation={data} />
        ) : error ? (
          <p className={classes.note} role="alert">
            It could not be found out: {messageOf(error)}
          </p>
        ) : (
          <Skeleton height={40} radius="md" aria-label="Finding out" />
        )}
      </div>
    </Paper>
  );
}

function Explanation({ explanation }: { readonly explanation: JobExplanation }) {
  const { pauses, concurrency, wakeAt } = explanation;
  return (
    <>
      <VerdictBanner verdict={explanation.verdict} summary={explanation.summary} />
      {pauses.map((pause) => (
        <p key={`${pause.target} ${pause.runner ?? ''}`} className={classes.note}>
          Paused <Ago at={pause.since} />
          {pause.who !== null && (
            <>
              {' by '}
              <bdi>{pause.who}</bdi>
            </>
          )}
          {pause.runner !== null && (
            <>
              {' (runner '}
              <bdi>{pause.runner}</bdi>
              {')'}
            </>
          )}
          {!explanation.summary.includes(pause.note) && (
            <>
              : <bdi>{pause.note}</bdi>
            </>
          )}
        </p>
      ))}
      {concurrency && concurrency.heldBy.length > 0 && <Group group={concurrency} />}
      {wakeAt !== null && (
        <p className={classes.note}>
          The next try is due <Ago at={wakeAt} />.
        </p>
      )}
      <RunnerTable explanation={explanation} />
    </>
  );
}

function Group({ group }: { readonly group: ExplainedGroup }) {
  const unnamed = group.active.count - group.heldBy.length;
  return (
    <div className={classes.note}>
      The group <bdi>{group.key}</bdi> is held by{' '}
      {group.heldBy.map((job, index) => (
        <span key={job.id}>
          {index > 0 && ', '}
          <Link href={`/jobs/${job.id}`} className="link">
            <bdi>{job.name}</bdi>
          </Link>
        </span>
      ))}
      {unnamed > 0 && ` and ${unnamed}${group.active.more ? '+' : ''} more`}.
    </div>
  );
}
