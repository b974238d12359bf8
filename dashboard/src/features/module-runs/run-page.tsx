'use client';

import type { ModuleRun } from '@dibs/shared';
import { Anchor, Skeleton } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconFileUnknown } from '@tabler/icons-react';
import Link from 'next/link';
import { ApiError, isApiError, messageOf } from '../../api/api-error';
import { useNode } from '../../api/hierarchy';
import { useModuleRun } from '../../api/module-runs';
import { Callout } from '../../ui/callout';
import { LoadError } from '../../ui/load-error';
import { Notice } from '../../ui/notice';
import { PageHeader } from '../../ui/page-header';
import { Crumbs } from '../hierarchy/crumbs';
import { wayTo } from '../hierarchy/places';
import { ApprovalBox } from './approval-box';
import { CancelRunButton } from './cancel-run-button';
import { HeldLockBanner } from './held-lock-banner';
import { RunFacts } from './run-facts';
import { RunReason } from './run-reason';
import { RunStages } from './run-stages';
import { OPERATION_WORDS, RUN_STATE_VIEWS, RunStatePill } from './run-words';
import { useLiveRuns } from './use-live-runs';
import classes from './module-runs.module.css';

export function RunPage({ runId }: { readonly runId: string }) {
  const { data: run, error, refetch, isFetching } = useModuleRun(runId, useLiveRuns());
  useDocumentTitle(run ? `${RUN_STATE_VIEWS[run.state].word} · ${titleOf(run)} · Dibs` : 'Run · Dibs');
  if (run) return <RunView run={run} readProblem={error ? messageOf(error) : null} />;
  if (isApiError(error, 404) || isApiError(error, 400)) return <NoSuchRun />;
  if (!error) return <Skeleton height={320} radius="lg" role="status" aria-label="Loading the run" />;
  return (
    <LoadError
      what="The run"
      detail={messageOf(error)}
      requestId={error instanceof ApiError ? error.requestId : null}
      onRetry={() => void refetch()}
      isRetrying={isFetching}
    />
  );
}

function RunView({ run, readProblem }: { readonly run: ModuleRun; readonly readProblem: string | null }) {
  const permissions = useNode('module', run.moduleId).data?.permissions ?? [];
  const module = { id: run.moduleId, path: run.path, permissions };
  return (
    <div>
      <PageHeader
        above={<Crumbs places={wayTo(run)} />}
        title={titleOf(run)}
        state={
          <span role="status" data-testid="run-state">
            <RunStatePill run={run} size="md" />
          </span>
        }
        actions={<CancelRunButton run={run} mayControl={permissions.includes('jobs:control')} />}
      />
      <div className={classes.page}>
        <RunFacts run={run} />
        {readProblem && (
          <Callout tone="warn" role="status">
            This page may be behind: {readProblem}
          </Callout>
        )}
        <RunReason run={run} />
        <HeldLockBanner module={module} runs={[run]} />
        {run.state === 'awaiting_approval' && run.approval && (
          <ApprovalBox run={run} approval={run.approval} mayDecide={permissions.includes('jobs:control')} />
        )}
        <RunStages run={run} />
      </div>
    </div>
  );
}

function titleOf({ operation, path }: ModuleRun): string {
  return `${OPERATION_WORDS[operation]} ${path}`;
}

function NoSuchRun() {
  return (
    <Notice
      icon={<IconFileUnknown size={22} />}
      title="There is no such run"
      actions={
        <Anchor component={Link} href="/modules">
          All stacks
        </Anchor>
      }
    >
      Its module was deleted, it belongs to another organization, or the address is incomplete.
    </Notice>
  );
}
