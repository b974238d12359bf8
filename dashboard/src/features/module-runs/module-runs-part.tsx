'use client';

import type { HierarchyNodeView, ModuleRun } from '@dibs/shared';
import { Anchor } from '@mantine/core';
import type { DataTableColumn } from 'mantine-datatable';
import Link from 'next/link';
import { useModuleRuns } from '../../api/module-runs';
import { Ago } from '../../ui/times';
import { PagedTable } from '../administration/paged-table';
import { spanColumns } from '../administration/time-columns';
import { HeldLockBanner } from './held-lock-banner';
import { FirstSteps } from './first-steps';
import { RunBeginning } from './run-beginning';
import { OPERATION_WORDS, PlanCounts, runPath, RunStatePill } from './run-words';
import { SourceWatchNote } from './source-watch-note';
import { useLiveRuns } from './use-live-runs';
import classes from '../administration/administration.module.css';

/** What was planned, applied and destroyed, newest first. */
export function ModuleRunsPart({ module }: { readonly module: HierarchyNodeView }) {
  const list = useModuleRuns(module.id, useLiveRuns());
  const newest = list.data?.pages[0]?.items ?? [];
  return (
    <>
      <HeldLockBanner module={module} runs={newest} />
      <SourceWatchNote moduleId={module.id} />
      <PagedTable what="The runs" list={list} columns={COLUMNS} empty={<FirstSteps module={module} />} />
      {newest.length > 0 && (
        <p className={classes.note}>
          <Anchor component={Link} href={`/jobs?${new URLSearchParams({ module: module.path }).toString()}`} size="sm">
            All jobs of this module
          </Anchor>
        </p>
      )}
    </>
  );
}

const COLUMNS: DataTableColumn<ModuleRun>[] = [
  { accessor: 'state', title: 'State', width: 150, render: (run) => <RunStatePill run={run} /> },
  {
    accessor: 'operation',
    title: 'Run',
    render: (run) => (
      <div className={classes.name}>
        <Link href={runPath(run.id)} className="link">
          {OPERATION_WORDS[run.operation]}
        </Link>
        <div className={classes.note}>
          <RunBeginning run={run} />
          <span className={classes.phoneOnly}>
            {', '}
            <Ago at={run.createdAt} />
          </span>
        </div>
      </div>
    ),
  },
  {
    accessor: 'plan',
    title: 'Plan',
    width: 140,
    render: ({ plan }) => plan && <PlanCounts plan={plan} />,
  },
  ...spanColumns<ModuleRun>(),
];
