'use client';

import { Anchor, Skeleton } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { ApiError, messageOf } from '../../api/api-error';
import { useJob } from '../../api/jobs';
import { usePermission } from '../../api/session';
import { useTab } from '../../live/use-tab';
import { LoadError } from '../../ui/load-error';
import { Notice } from '../../ui/notice';
import { PageHeader } from '../../ui/page-header';
import { draftOf, emptyDraft } from './job-draft';
import { SubmitForm } from './submit-form';

export function SubmitPage() {
  useTab('Submit a job');
  const maySubmit = usePermission('jobs:submit');
  const from = useSearchParams().get('from');
  if (!maySubmit) return <MayNot />;
  return from === null ? <NewJob /> : <JobOnceMore key={from} jobId={from} />;
}

function NewJob() {
  return (
    <>
      <PageHeader title="Submit a job" description="It goes to the first runner that claims it." />
      <SubmitForm initial={emptyDraft()} />
    </>
  );
}

function JobOnceMore({ jobId }: { readonly jobId: string }) {
  const query = useJob(jobId, false);
  return (
    <>
      <PageHeader
        title="Retry with changes"
        description="A new job, filled in as the earlier one was. That one stays as it is."
      />
      {query.data ? (
        <SubmitForm initial={draftOf(query.data.spec, query.data.secretNames)} />
      ) : query.error ? (
        <LoadError
          what="The earlier job"
          detail={messageOf(query.error)}
          requestId={query.error instanceof ApiError ? query.error.requestId : null}
          onRetry={() => void query.refetch()}
          isRetrying={query.isFetching}
        />
      ) : (
        <Skeleton height={420} radius="lg" aria-busy aria-label="Loading the earlier job" />
      )}
    </>
  );
}

function MayNot() {
  return (
    <Notice
      isPage
      icon={<IconLock size={22} />}
      title="You may not submit jobs"
      actions={
        <Anchor component={Link} href="/jobs">
          All jobs
        </Anchor>
      }
    >
      An administrator of your organization can make you an operator, who may.
    </Notice>
  );
}
