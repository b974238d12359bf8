'use client';

import type { ScopeRunView } from '@dibs/shared';
import { Anchor, Skeleton } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconFileUnknown } from '@tabler/icons-react';
import Link from 'next/link';
import { ApiError, isApiError, messageOf } from '../../api/api-error';
import { useNode } from '../../api/hierarchy';
import { useScopeRun } from '../../api/scope-runs';
import { Callout } from '../../ui/callout';
import { LoadError } from '../../ui/load-error';
import { Notice } from '../../ui/notice';
import { PageHeader } from '../../ui/page-header';
import { Crumbs } from '../hierarchy/crumbs';
import { placePath, wayTo } from '../hierarchy/places';
import { OPERATION_WORDS, runPath } from '../module-runs/run-words';
import { useLiveRuns } from '../module-runs/use-live-runs';
import { AwaitedApprovals } from './awaited-approvals';
import { CancelScopeRunButton } from './cancel-scope-run-button';
import { GraphView } from './graph-view';
import type { ShownModule } from './module-list';
import { nameInside, orderOf, reversed } from './module-order';
import { ScopeRunFacts } from './scope-run-facts';
import { SCOPE_RUN_VIEWS, ScopeRunPill, viewOfModule } from './scope-run-words';
import classes from './scope-runs.module.css';

export function ScopeRunPage({ runId }: { readonly runId: string }) {
  const { data: run, error, refetch, isFetching } = useScopeRun(runId, useLiveRuns());
  useDocumentTitle(run ? `${SCOPE_RUN_VIEWS[run.state].word} · ${titleOf(run)} · Dibs` : 'Run · Dibs');
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

function RunView({ run, readProblem }: { readonly run: ScopeRunView; readonly readProblem: string | null }) {
  const { scope } = run;
  const [kind, id] =
    scope.namespaceId === null ? (['stack', scope.stackId] as const) : (['namespace', scope.namespaceId] as const);
  const permissions = useNode(kind, id).data?.permissions ?? [];
  const modules = run.modules.map((module): ShownModule => ({
    id: module.moduleId,
    name: nameInside(module.path, run.path),
    href: module.runId === null ? placePath('module', module.moduleId) : runPath(module.runId),
    state: viewOfModule(module),
    note: module.note,
    isElsewhere: false,
  }));
  const order = orderOf(
    modules.map((module) => module.id),
    run.operation === 'destroy' ? reversed(run.dependencies) : run.dependencies,
  );
  return (
    <div>
      <PageHeader
        above={<Crumbs places={wayTo(run)} />}
        title={titleOf(run)}
        state={
          <span role="status" data-testid="scope-run-state">
            <ScopeRunPill state={run.state} size="md" />
          </span>
        }
        actions={<CancelScopeRunButton run={run} mayControl={permissions.includes('jobs:control')} />}
      />
      <div className={classes.page}>
        <ScopeRunFacts run={run} />
        {readProblem && (
          <Callout tone="warn" role="status">
            This page may be behind: {readProblem}
          </Callout>
        )}
        <AwaitedApprovals run={run} />
        <GraphView modules={modules} dependencies={run.dependencies} order={order} />
      </div>
    </div>
  );
}

function titleOf({ operation, path }: ScopeRunView): string {
  return `${OPERATION_WORDS[operation]} everything in ${path}`;
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
      Its stack or namespace was deleted, it belongs to another organization, or the address is incomplete.
    </Notice>
  );
}
