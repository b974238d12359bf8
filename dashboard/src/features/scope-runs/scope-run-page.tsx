'use client';

import type { ScopeRunView } from '@dibs/shared';
import { Skeleton } from '@mantine/core';
import { useNode } from '../../api/hierarchy';
import { useCancelScopeRun, useScopeRun } from '../../api/scope-runs';
import { useTab } from '../../live/use-tab';
import { Callout } from '../../ui/callout';
import { PageHeader } from '../../ui/page-header';
import { Crumbs } from '../hierarchy/crumbs';
import { placePath, wayTo } from '../hierarchy/places';
import { CancelRunButton } from '../module-runs/cancel-run-button';
import { OPERATION_WORDS, runPath } from '../module-runs/run-words';
import { useLiveRuns } from '../module-runs/use-live-runs';
import { LoadedPage } from '../session/loaded-page';
import { AwaitedApprovals } from './awaited-approvals';
import { GraphView } from './graph-view';
import type { ShownModule } from './module-list';
import { nameInside, orderOf, reversed } from './module-order';
import { ScopeRunFacts } from './scope-run-facts';
import { ScopeRunPill, viewOfModule, viewOfScopeRun } from './scope-run-words';
import classes from './scope-runs.module.css';

export function ScopeRunPage({ runId }: { readonly runId: string }) {
  const query = useScopeRun(runId, useLiveRuns());
  const run = query.data;
  const view = run && viewOfScopeRun(run);
  useTab(run && view ? `${view.word} · ${titleOf(run)}` : 'Run', view?.tone);
  return (
    <LoadedPage
      query={query}
      what="run"
      missing="Its stack or namespace was deleted, it belongs to another organization, or the address is incomplete."
      wayOut={{ href: '/modules', label: 'All stacks' }}
      skeleton={<Skeleton height={320} radius="lg" role="status" aria-label="Loading the run" />}
    >
      {(run, readProblem) => <RunView run={run} readProblem={readProblem} />}
    </LoadedPage>
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
            <ScopeRunPill run={run} size="md" />
          </span>
        }
        actions={permissions.includes('jobs:control') && run.state === 'running' && <CancelButton run={run} />}
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

function CancelButton({ run }: { readonly run: ScopeRunView }) {
  return (
    <CancelRunButton run={run} cancel={useCancelScopeRun(run.id)}>
      No other module begins. Engines that are at work are asked to stop and get time to write their state. What was
      applied until then stays applied.
    </CancelRunButton>
  );
}

function titleOf({ operation, path }: ScopeRunView): string {
  return `${OPERATION_WORDS[operation]} everything in ${path}`;
}
