'use client';

import type { JobId } from '@dibs/shared';
import { Anchor, Skeleton } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconFileUnknown } from '@tabler/icons-react';
import Link from 'next/link';
import { useEffect } from 'react';
import { ApiError, isApiError, messageOf } from '../../api/api-error';
import { useLive } from '../../live/live-provider';
import { LoadError } from '../../ui/load-error';
import { Notice } from '../../ui/notice';
import { JobView, loadJobLog } from './job-view';
import { JOB_STATE_VIEWS } from './job-state-view';
import { useLiveJob } from './use-live-job';
import { useStateIcon } from './use-state-icon';
import classes from './job-page.module.css';

export function JobPage({ jobId }: { readonly jobId: JobId }) {
  const query = useLiveJob(jobId);
  const job = query.data;
  useDocumentTitle(job ? `${JOB_STATE_VIEWS[job.state].word} · ${job.name} · Dibs` : 'Job · Dibs');

  useEffect(() => void loadJobLog(), []);
  useStateIcon(job ? JOB_STATE_VIEWS[job.state].tone : null, useLive().state);

  if (job) return <JobView job={job} readProblem={query.error ? messageOf(query.error) : null} />;
  if (isApiError(query.error, 404) || isApiError(query.error, 400)) return <NoSuchJob />;
  if (query.error) {
    return (
      <LoadError
        what="The job"
        detail={messageOf(query.error)}
        requestId={query.error instanceof ApiError ? query.error.requestId : null}
        onRetry={() => void query.refetch()}
        isRetrying={query.isFetching}
      />
    );
  }
  return <JobSkeleton />;
}

function NoSuchJob() {
  return (
    <Notice
      icon={<IconFileUnknown size={22} />}
      title="There is no such job"
      actions={
        <Anchor component={Link} href="/jobs">
          All jobs
        </Anchor>
      }
    >
      It may belong to another organization, or the address is incomplete.
    </Notice>
  );
}

function JobSkeleton() {
  return (
    <div className={classes.page} data-fills-window aria-busy aria-label="Loading the job">
      <Skeleton height={30} width={320} />
      <Skeleton height={18} width="60%" />
      <div className={classes.columns}>
        <Skeleton height={280} radius="lg" />
        <Skeleton className={classes.log} height="100%" radius="lg" />
      </div>
    </div>
  );
}
