'use client';

import { Button, Loader, Text } from '@mantine/core';
import { IconFileSearch, IconSearchOff } from '@tabler/icons-react';
import { useRouter, useSearchParams } from 'next/navigation';
import { useMemo } from 'react';
import { ApiError, messageOf } from '../../api/api-error';
import { useLogsSearch } from '../../api/log-search';
import { useTab } from '../../live/use-tab';
import { formatMoment } from '../../ui/format-time';
import { LoadError } from '../../ui/load-error';
import { Notice } from '../../ui/notice';
import { PageHeader } from '../../ui/page-header';
import { FoundJob } from './found-job';
import { SearchForm } from './search-form';
import { readSearchView, searchPath, toLogsFilter } from './search-view';
import classes from './log-search.module.css';

export function SearchLogsPage() {
  const router = useRouter();
  const address = useSearchParams();
  const view = useMemo(() => readSearchView(address), [address]);
  const filter = useMemo(() => toLogsFilter(view, Date.now()), [view]);
  const search = useLogsSearch(filter);
  useTab(view.q ? `${view.q} · Logs` : 'Search logs');
  const found = search.data?.pages.flatMap((page) => page.items) ?? [];
  const back = search.data?.pages.at(-1)?.searchedBackTo ?? null;
  return (
    <>
      <PageHeader title="Search logs" description="Every line of every job, the newest jobs first." />
      <SearchForm
        view={view}
        isSearching={search.isFetching && !search.isFetchingNextPage}
        onSearch={(next) => {
          // the same question once more: new lines may have come
          if (searchPath(next) === searchPath(view)) void search.refetch();
          else router.push(searchPath(next), { scroll: false });
        }}
      />
      {view.q === '' && <HowToSearch />}
      {search.error && (
        <LoadError
          what="The answer"
          detail={messageOf(search.error)}
          requestId={search.error instanceof ApiError ? search.error.requestId : null}
          onRetry={() => void (found.length > 0 ? search.fetchNextPage() : search.refetch())}
          isRetrying={search.isFetching}
        />
      )}
      {found.map((each) => (
        <FoundJob key={each.job.id} found={each} needle={view.q} isCaseSensitive={view.isCaseSensitive} />
      ))}
      {search.isLoading && (
        <div className={classes.foot}>
          <Loader size="sm" color="gray" aria-label="Searching" />
        </div>
      )}
      {search.isSuccess && !search.hasNextPage && found.length === 0 && (
        <Notice icon={<IconSearchOff size={22} />} title="No line has this text">
          All logs that the filters leave were searched. What a terminal would not show, as colours, is not found.
        </Notice>
      )}
      {search.isSuccess && found.length + (search.hasNextPage ? 1 : 0) > 0 && (
        <div className={classes.foot} data-testid="searched-to">
          <Text size="sm" c="dimmed" role="status">
            {search.hasNextPage && back !== null
              ? `${found.length === 0 ? 'Nothing yet. ' : ''}Searched back to jobs submitted ${formatMoment(back)}.`
              : 'All logs were searched.'}
          </Text>
          {search.hasNextPage && (
            <Button variant="default" onClick={() => void search.fetchNextPage()} loading={search.isFetchingNextPage}>
              Search further back
            </Button>
          )}
        </div>
      )}
    </>
  );
}

function HowToSearch() {
  return (
    <Notice icon={<IconFileSearch size={22} />} title="Where did that line come from?">
      <Text c="dimmed">
        Paste an error message, a host name or an id. Dibs finds the lines that have it as a terminal shows them, in
        running jobs too, and leads to their place in the log.
      </Text>
      <Text c="dimmed">The address keeps the question and its filters, so that you can send it to somebody.</Text>
    </Notice>
  );
}
