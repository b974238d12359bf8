'use client';

import type { ModuleRun } from '@dibs/shared';
import { Skeleton } from '@mantine/core';
import { useNode } from '../../api/hierarchy';
import { useCancelRun, useModuleRun } from '../../api/module-runs';
import { useTab } from '../../live/use-tab';
import { Callout } from '../../ui/callout';
import { PageHeader } from '../../ui/page-header';
import { Crumbs } from '../hierarchy/crumbs';
import { wayTo } from '../hierarchy/places';
import { LoadedPage } from '../session/loaded-page';
import { ApprovalBox } from './approval-box';
import { CancelRunButton } from './cancel-run-button';
import { HeldLockBanner } from './held-lock-banner';
import { RunFacts } from './run-facts';
import { RunReason } from './run-reason';
import { RunStages } from './run-stages';
import { isOver, viewOfRun } from './run-view';
import { OPERATION_WORDS, RunStatePill } from './run-words';
import { useLiveRuns } from './use-live-runs';
import classes from './module-runs.module.css';

export function RunPage({ runId }: { readonly runId: string }) {
  const query = useModuleRun(runId, useLiveRuns());
  const run = query.data;
  const view = run && viewOfRun(run);
  useTab(run && view ? `${view.word} · ${titleOf(run)}` : 'Run', view?.tone);
  return (
    <LoadedPage
      query={query}
      what="run"
      missing="Its module was deleted, it belongs to another organization, or the address is incomplete."
      wayOut={{ href: '/modules', label: 'All stacks' }}
      skeleton={<Skeleton height={320} radius="lg" role="status" aria-label="Loading the run" />}
    >
      {(run, readProblem) => <RunView run={run} readProblem={readProblem} />}
    </LoadedPage>
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
        actions={permissions.includes('jobs:control') && !isOver(run) && <CancelButton run={run} />}
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

function CancelButton({ run }: { readonly run: ModuleRun }) {
  return (
    <CancelRunButton run={run} cancel={useCancelRun(run.id)}>
      {run.state === 'applying'
        ? 'The engine is asked to stop and gets time to write its state and give the lock back. What it has changed until then stays changed.'
        : 'Nothing has been changed yet, and nothing will be.'}
    </CancelRunButton>
  );
}

function titleOf({ operation, path }: ModuleRun): string {
  return `${OPERATION_WORDS[operation]} ${path}`;
}
