'use client';

import { isTerminal, type JobId, type ModuleRun, type RunApproval } from '@dibs/shared';
import { Anchor, Paper, Skeleton } from '@mantine/core';
import Link from 'next/link';
import { ApiError, messageOf } from '../../api/api-error';
import { Ago } from '../../ui/times';
import { isCanceling } from '../jobs/is-canceling';
import { isHopeless } from '../explain/is-hopeless';
import { JobStatePill } from '../jobs/job-state-view';
import { JobSteps } from '../jobs/job-steps';
import { useLiveJob } from '../jobs/use-live-job';
import { OPERATION_WORDS } from './run-words';
import classes from './module-runs.module.css';

/** What the run does one after the other: plan, the decision on it, and carrying it out; or its only job. */
export function RunStages({ run }: { readonly run: ModuleRun }) {
  const isTwoFold = run.operation === 'apply' || run.operation === 'destroy';
  return (
    <ol className={classes.stages} aria-label="Stages">
      <li>
        <JobStage jobId={run.firstJobId} title={isTwoFold ? 'Plan' : OPERATION_WORDS[run.operation]} />
      </li>
      {run.approval && run.state !== 'awaiting_approval' && (
        <li>
          <ApprovalStage approval={run.approval} run={run} />
        </li>
      )}
      {run.applyJobId !== null && (
        <li>
          <JobStage jobId={run.applyJobId} title={run.operation === 'destroy' ? 'Destroy' : 'Apply'} />
        </li>
      )}
    </ol>
  );
}

function JobStage({ jobId, title }: { readonly jobId: JobId; readonly title: string }) {
  const { data: job, error } = useLiveJob(jobId);
  const jobPath = `/jobs/${jobId}`;
  if (!job) {
    if (!error) return <Skeleton height={180} radius="lg" role="status" aria-label={`Loading: ${title}`} />;
    const isGone = error instanceof ApiError && error.status === 404;
    return (
      <Stage title={title}>
        {isGone ? 'Its job was removed, as the retention of the organization says.' : messageOf(error)}
      </Stage>
    );
  }
  return (
    <div data-testid={`stage-${title.toLowerCase()}`} data-state={job.state}>
      <JobSteps
        job={job}
        shown={job.attempt}
        elsewhere={{
          label: title,
          jobPath,
          title: (
            <span className={classes.stageTitle}>
              {title}
              <JobStatePill state={job.state} isCanceling={isCanceling(job)} isHopeless={isHopeless(job)} />
              <Anchor component={Link} href={jobPath} size="sm">
                {isTerminal(job.state) ? 'Log' : 'Live log'}
              </Anchor>
            </span>
          ),
        }}
      />
    </div>
  );
}

interface ApprovalStageProps {
  readonly approval: RunApproval;
  readonly run: ModuleRun;
}

function ApprovalStage({ approval: { decision, decidedBy, decidedAt, comment }, run }: ApprovalStageProps) {
  if (decision === null) {
    return (
      <Stage title="Approval">{run.state === 'expired' ? 'Nobody decided in time.' : 'Nobody has decided yet.'}</Stage>
    );
  }
  return (
    <Stage title="Approval">
      <p>
        {decision === 'approved' ? 'Approved' : 'Rejected'} by <bdi>{decidedBy}</bdi>
        {decidedAt && (
          <>
            {', '}
            <Ago at={decidedAt} />
          </>
        )}
      </p>
      {comment && (
        <blockquote className={classes.quote}>
          <bdi>{comment}</bdi>
        </blockquote>
      )}
    </Stage>
  );
}

interface StageProps {
  readonly title: string;
  readonly children: React.ReactNode;
}

function Stage({ title, children }: StageProps) {
  return (
    <Paper component="section" radius="lg" className={classes.stage} aria-label={title}>
      <h2 className={classes.stageHead}>{title}</h2>
      <div className={classes.stageBody}>{children}</div>
    </Paper>
  );
}
