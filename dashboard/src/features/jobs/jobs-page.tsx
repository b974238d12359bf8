'use client';

import { useDocumentTitle } from '@mantine/hooks';
import { useRouter, useSearchParams } from 'next/navigation';
import { ApiError, messageOf } from '../../api/api-error';
import { LoadError } from '../../ui/load-error';
import { PageHeader } from '../../ui/page-header';
import { jobViewPath, readJobView, toJobFilter } from './job-filter';
import { SubmitLink } from '../submit/submit-link';
import { JobFilterBar } from './job-filter-bar';
import { JobTable } from './job-table';
import { NoJobs } from './no-jobs';
import { useLiveJobs } from './use-live-jobs';

export function JobsPage() {
  useDocumentTitle('Jobs · Dibs');
  const router = useRouter();
  const view = readJobView(useSearchParams());
  const list = useLiveJobs(toJobFilter(view));
  const jobs = list.data?.pages.flatMap((page) => page.items);
  const isFiltered = view.group !== 'all' || view.q !== '';

  return (
    <>
      <PageHeader
        title="Jobs"
        description="Newest first. Each goes to the first runner that claims it."
        actions={<SubmitLink />}
      />
      <JobFilterBar view={view} onChange={(next) => router.replace(jobViewPath(next), { scroll: false })} />
      {list.error && !jobs ? (
        <LoadError
          what="The jobs"
          detail={messageOf(list.error)}
          requestId={list.error instanceof ApiError ? list.error.requestId : null}
          onRetry={() => void list.refetch()}
          isRetrying={list.isFetching}
        />
      ) : jobs?.length === 0 && !list.isPlaceholderData ? (
        <NoJobs isFiltered={isFiltered} onClearFilter={() => router.replace('/jobs')} />
      ) : (
        <JobTable
          jobs={jobs}
          onLoadMore={list.hasNextPage ? () => void list.fetchNextPage() : null}
          isLoadingMore={list.isFetchingNextPage}
          readProblem={list.error ? messageOf(list.error) : null}
        />
      )}
    </>
  );
}
