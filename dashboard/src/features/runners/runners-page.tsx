'use client';

import { Button, Skeleton, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect } from 'react';
import { IconPlus, IconServerOff } from '@tabler/icons-react';
import { ApiError, messageOf } from '../../api/api-error';
import { usePermission } from '../../api/session';
import { useTab } from '../../live/use-tab';
import { Callout } from '../../ui/callout';
import { LoadError } from '../../ui/load-error';
import { Notice } from '../../ui/notice';
import { PageHeader } from '../../ui/page-header';
import type { Tone } from '../../ui/status-pill';
import { RegisterRunner } from './register-runner';
import { RunnerCard } from './runner-card';
import { useInstanceAlerts } from './use-instance-alerts';
import { useLiveRunners } from './use-live-runners';

export function RunnersPage() {
  const query = useLiveRunners();
  const online = query.data?.reduce((sum, { instances }) => sum + instances.online, 0);
  useTab(online === undefined ? 'Runners' : `${online} online · Runners`, toneOf(online, query.data?.length));
  const alerts = useInstanceAlerts();
  const mayManage = usePermission('runners:manage');
  const [isRegistering, registering] = useDisclosure(false);
  const isLoaded = query.data !== undefined;
  // the cards come after the page, so the browser has looked for the one in the address too early
  useEffect(() => {
    if (isLoaded && location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView({ block: 'start' });
  }, [isLoaded]);
  const registerButton = mayManage && (
    <Button leftSection={<IconPlus size={16} />} onClick={registering.open}>
      Register a runner
    </Button>
  );

  return (
    <>
      <PageHeader
        title="Runners"
        description="The machines that claim jobs. They connect from inside, no port has to be open."
        actions={registerButton}
      />
      {query.data && query.data.length > 0 ? (
        <Stack gap="lg">
          {query.error && (
            <Callout tone="warn" role="status">
              This page may be behind: {messageOf(query.error)}
            </Callout>
          )}
          {query.data.map((runner) => (
            <RunnerCard key={runner.id} runner={runner} alerts={alerts} mayManage={mayManage} />
          ))}
        </Stack>
      ) : query.data ? (
        <Notice icon={<IconServerOff size={22} />} title="No runner yet" actions={registerButton}>
          {mayManage
            ? 'Register one to get the exact command that starts it. Queued jobs begin the moment it connects.'
            : 'An administrator of your organization can register one.'}
        </Notice>
      ) : query.error ? (
        <LoadError
          what="The runners"
          detail={messageOf(query.error)}
          requestId={query.error instanceof ApiError ? query.error.requestId : null}
          onRetry={() => void query.refetch()}
          isRetrying={query.isFetching}
        />
      ) : (
        <Stack gap="lg" aria-busy aria-label="Loading the runners">
          <Skeleton height={170} radius="lg" />
          <Skeleton height={170} radius="lg" />
        </Stack>
      )}
      <RegisterRunner isOpen={isRegistering} onClose={registering.close} />
    </>
  );
}

/** Nobody online: whatever is queued waits. */
function toneOf(online: number | undefined, runners: number | undefined): Tone | null {
  if (online === undefined || !runners) return null;
  return online > 0 ? 'good' : 'bad';
}
