'use client';

import { ActionIcon, Group, Tooltip } from '@mantine/core';
import { IconKeyboard } from '@tabler/icons-react';
import { useRouter, useSearchParams } from 'next/navigation';
import { useRef, useState } from 'react';
import { ApiError, messageOf } from '../../api/api-error';
import { useTab } from '../../live/use-tab';
import { LoadError } from '../../ui/load-error';
import { PageHeader } from '../../ui/page-header';
import { SubmitLink } from '../submit/submit-link';
import { EVERY_JOB, jobViewPath, readJobView, STATE_GROUPS, toJobFilter } from './job-filter';
import { JobFilterBar } from './job-filter-bar';
import { JobKeysDialog } from './job-keys-dialog';
import { JobList } from './job-list';
import { NoJobs } from './no-jobs';
import { useLiveJobs } from './use-live-jobs';

export function JobsPage() {
  const router = useRouter();
  const view = readJobView(useSearchParams());
  const filter = toJobFilter(view);
  const list = useLiveJobs(filter);
  const searchRef = useRef<HTMLInputElement>(null);
  const [isHelping, setHelping] = useState(false);
  const jobs = list.data?.pages.flatMap((page) => page.items);
  const path = jobViewPath(view);
  useTab(view.group === 'all' ? 'Jobs' : `${STATE_GROUPS[view.group].label} jobs`);

  return (
    <>
      <PageHeader
        title="Jobs"
        description="Newest first. Each goes to the first runner that claims it."
        actions={
          <Group gap="xs">
            <Tooltip label="Keys of this page (?)">
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                visibleFrom="sm"
                onClick={() => setHelping(true)}
                aria-label="Keys of this page"
              >
                <IconKeyboard size={20} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
            <SubmitLink />
          </Group>
        }
      />
      <JobFilterBar
        view={view}
        searchRef={searchRef}
        onChange={(next) => router.replace(jobViewPath(next), { scroll: false })}
      />
      {list.error && !jobs ? (
        <LoadError
          what="The jobs"
          detail={messageOf(list.error)}
          requestId={list.error instanceof ApiError ? list.error.requestId : null}
          onRetry={() => void list.refetch()}
          isRetrying={list.isFetching}
        />
      ) : jobs?.length === 0 && !list.isPlaceholderData ? (
        <NoJobs isFiltered={path !== jobViewPath(EVERY_JOB)} onClearFilter={() => router.replace('/jobs')} />
      ) : (
        <JobList
          key={path}
          filter={filter}
          list={list}
          onSearch={() => searchRef.current?.focus()}
          onHelp={() => setHelping(true)}
        />
      )}
      {isHelping && <JobKeysDialog onClose={() => setHelping(false)} />}
    </>
  );
}
