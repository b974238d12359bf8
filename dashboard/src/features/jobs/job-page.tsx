'use client';

import type { JobId } from '@dibs/shared';
import { Skeleton } from '@mantine/core';
import { useEffect } from 'react';
import { useTab } from '../../live/use-tab';
import { LoadedPage } from '../session/loaded-page';
import { JobView, loadJobLog } from './job-view';
import { JOB_STATE_VIEWS } from './job-state-view';
import { useLiveJob } from './use-live-job';
import classes from './job-page.module.css';

export function JobPage({ jobId }: { readonly jobId: JobId }) {
  const query = useLiveJob(jobId);
  const job = query.data;
  const state = job && JOB_STATE_VIEWS[job.state];
  useTab(job && state ? `${state.word} · ${job.name}` : 'Job', state?.tone);

  useEffect(() => void loadJobLog(), []);

  return (
    <LoadedPage
      query={query}
      what="job"
      missing="It may belong to another organization, or the address is incomplete."
      wayOut={{ href: '/jobs', label: 'All jobs' }}
      skeleton={<JobSkeleton />}
    >
      {(job, readProblem) => <JobView job={job} readProblem={readProblem} />}
    </LoadedPage>
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
