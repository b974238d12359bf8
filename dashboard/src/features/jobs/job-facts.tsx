'use client';

import type { JobDetail } from '@dibs/shared';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { Ago, Duration } from '../../ui/times';
import classes from './job-page.module.css';

export function JobFacts({ job }: { readonly job: JobDetail }) {
  const { claimedBy, forInstance } = job;
  return (
    <dl className={classes.facts}>
      <Fact name="Runner">
        {claimedBy ? (
          <Link href="/runners" className="link">
            <bdi>{claimedBy.runner}</bdi>
            {claimedBy.instance !== claimedBy.runner && (
              <>
                {' / '}
                <bdi>{claimedBy.instance}</bdi>
              </>
            )}
          </Link>
        ) : (
          <>none yet{forInstance && <Meant runner={forInstance.runner} instance={forInstance.instance} />}</>
        )}
      </Fact>
      {job.attempt > 0 && (
        <Fact name="Attempt">
          {job.attempt} of at most {job.spec.maxAttempts}
        </Fact>
      )}
      <Fact name={job.startedAt ? 'Duration' : 'Waiting for'}>
        {job.startedAt ? (
          <Duration from={job.startedAt} to={job.finishedAt} />
        ) : (
          <Duration from={job.queuedAt ?? job.createdAt} to={job.finishedAt} />
        )}
      </Fact>
      {job.exitCode !== null && <Fact name="Exit code">{job.exitCode}</Fact>}
      <Fact name="Submitted">
        <Ago at={job.createdAt} /> by <bdi>{job.submittedBy}</bdi>
      </Fact>
      {job.runId && (
        <Fact name="Part of">
          <Link href={`/modules/runs/${job.runId}`} className="link">
            a run of its module
          </Link>
        </Fact>
      )}
      {job.commit && (
        <Fact name="Commit">
          <span title={job.commit}>{job.commit.slice(0, 12)}</span>
        </Fact>
      )}
      {job.parentId && (
        <Fact name="Part of">
          <Link href={`/jobs/${job.parentId}`} className="link">
            its fan-out
          </Link>
        </Fact>
      )}
      {job.retryOf && (
        <Fact name="Retry of">
          <Link href={`/jobs/${job.retryOf}`} className="link">
            an earlier job
          </Link>
        </Fact>
      )}
    </dl>
  );
}

/** Which instance a child of a fan-out waits for. */
function Meant({ runner, instance }: { readonly runner: string; readonly instance: string }) {
  return (
    <>
      {', for '}
      <bdi>{runner}</bdi> / <bdi>{instance}</bdi>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
