'use client';

import type { Overview } from '@dibs/shared';
import { Skeleton } from '@mantine/core';
import { ApiError, messageOf } from '../../api/api-error';
import { useTab } from '../../live/use-tab';
import { Callout } from '../../ui/callout';
import { LoadError } from '../../ui/load-error';
import { PageHeader } from '../../ui/page-header';
import { SubmitLink } from '../submit/submit-link';
import { AlertList, worstOf } from './alert-list';
import { Figures } from './figures';
import { HourCharts } from './hour-charts';
import { LaneTable } from './lane-table';
import { useLiveOverview } from './use-live-overview';
import { WaitingList } from './waiting-list';
import classes from './overview.module.css';

/** The page that operators keep open: is all well, and if not, where to look. */
export function OverviewPage() {
  const query = useLiveOverview();
  const overview = query.data;
  useTab(overview ? headline(overview) : 'Overview', overview && worstOf(overview.alerts));
  return (
    <>
      <PageHeader
        title="Overview"
        description="What waits, what runs, and what somebody should look at."
        actions={<SubmitLink />}
      />
      {overview ? (
        <div className={classes.page}>
          {query.error && (
            <Callout tone="warn" role="status">
              This page may be behind: {messageOf(query.error)}
            </Callout>
          )}
          <AlertList alerts={overview.alerts} />
          <Figures overview={overview} />
          <HourCharts minutes={overview.minutes} />
          <LaneTable lanes={overview.lanes} notListed={overview.lanesNotListed} />
          <WaitingList waitingFor={overview.waitingFor} />
        </div>
      ) : query.error ? (
        <LoadError
          what="The overview"
          detail={messageOf(query.error)}
          requestId={query.error instanceof ApiError ? query.error.requestId : null}
          onRetry={() => void query.refetch()}
          isRetrying={query.isFetching}
        />
      ) : (
        <div className={classes.page} aria-busy aria-label="Loading the overview">
          <Skeleton height={112} radius="lg" />
          <Skeleton height={190} radius="lg" />
          <Skeleton height={220} radius="lg" />
        </div>
      )}
    </>
  );
}

/** For the tab: trouble first. */
function headline({ alerts, queued, running }: Overview): string {
  if (alerts.length > 0) return `(${alerts.length}) Overview`;
  return `${running.count} running, ${queued.count}${queued.more ? '+' : ''} queued`;
}
