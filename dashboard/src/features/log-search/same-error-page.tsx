'use client';

import { Button, Loader } from '@mantine/core';
import { IconSearchOff } from '@tabler/icons-react';
import Link from 'next/link';
import { ApiError, messageOf } from '../../api/api-error';
import { useJobsWithError } from '../../api/log-search';
import { useTab } from '../../live/use-tab';
import { LoadError } from '../../ui/load-error';
import { Notice } from '../../ui/notice';
import { PageHeader } from '../../ui/page-header';
import { visibleText } from '../../ui/visible-text';
import { JobLine, lineHref } from './found-job';
import classes from './log-search.module.css';

/** Jobs that failed with one and the same error. */
export function SameErrorPage({ fingerprint }: { readonly fingerprint: string }) {
  useTab('The same error');
  const list = useJobsWithError(fingerprint);
  const jobs = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader
        title="The same error"
        description="Jobs that failed with it, newest first. Only numbers, ids, hashes and temporary paths differ."
      />
      {list.error && jobs.length === 0 && (
        <LoadError
          what="The list"
          detail={messageOf(list.error)}
          requestId={list.error instanceof ApiError ? list.error.requestId : null}
          onRetry={() => void list.refetch()}
          isRetrying={list.isFetching}
        />
      )}
      {list.isLoading && <Loader size="sm" color="gray" aria-label="Loading" />}
      {list.isSuccess && jobs.length === 0 && (
        <Notice icon={<IconSearchOff size={22} />} title="No job has this error">
          Its jobs may have been removed with their logs.
        </Notice>
      )}
      {jobs.map(({ job, error }) => (
        <article key={job.id} className={classes.job} data-job={job.id}>
          <JobLine job={job} />
          <ol className={classes.lines}>
            <li>
              <Link className={classes.line} data-stepless href={lineHref(job.id, error.attempt, error.seq)}>
                <span className={classes.place}>
                  <span className={classes.number}>{error.seq}</span>
                </span>
                <span className={classes.text}>{visibleText(error.text)}</span>
              </Link>
            </li>
          </ol>
        </article>
      ))}
      {list.hasNextPage && (
        <div className={classes.foot}>
          <Button variant="default" onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
            Older jobs
          </Button>
        </div>
      )}
    </>
  );
}
