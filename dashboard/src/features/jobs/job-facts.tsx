'use client';

import type { JobDetail } from '@dibs/shared';
import Link from 'next/link';
import { Fact, Facts } from '../../ui/facts';
import { Ago, Duration } from '../../ui/times';
import { placePath } from '../hierarchy/places';
import { PlanCounts, runPath } from '../module-runs/run-words';

export function JobFacts({ job }: { readonly job: JobDetail }) {
  const { claimedBy, forInstance } = job;
  return (
    <Facts>
      <Fact name="Runner">
        {claimedBy ? (
          <Link href={`/runners#${claimedBy.runnerId}`} className="link">
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
      {job.engine?.plan && (
        <Fact name="Plan">
          <PlanCounts plan={job.engine.plan} />
        </Fact>
      )}
      {job.runId && (
        <Fact name="Part of">
          <Link href={runPath(job.runId)} className="link">
            a run of its module
          </Link>
        </Fact>
      )}
      {job.runId && job.spec.scope?.moduleId && (
        <Fact name="Outputs">
          <Link href={placePath('module', job.spec.scope.moduleId, 'outputs')} className="link">
            of its module
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
    </Facts>
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
