'use client';

import type { HierarchyNodeView, ScopeRun } from '@dibs/shared';
import { IconBox } from '@tabler/icons-react';
import type { DataTableColumn } from 'mantine-datatable';
import Link from 'next/link';
import { useScopeRuns, type RunnableKind } from '../../api/scope-runs';
import { Notice } from '../../ui/notice';
import { Ago } from '../../ui/times';
import { AboveList } from '../administration/administration-frame';
import { PagedTable } from '../administration/paged-table';
import { spanColumns } from '../administration/time-columns';
import { OPERATION_WORDS } from '../module-runs/run-words';
import { useLiveRuns } from '../module-runs/use-live-runs';
import { progressOf } from './scope-run-progress';
import { ScopeRunPill, scopeRunPath } from './scope-run-words';
import classes from '../administration/administration.module.css';

interface ScopeRunsPartProps {
  readonly node: HierarchyNodeView;
  readonly kind: RunnableKind;
}

/** Runs of everything inside, newest first. */
export function ScopeRunsPart({ node, kind }: ScopeRunsPartProps) {
  const list = useScopeRuns(kind, node.id, useLiveRuns());
  return (
    <>
      <AboveList>
        Runs of all modules in this {kind}, in the order of their dependencies. Runs of one module are on its own page.
      </AboveList>
      <PagedTable
        what="The runs"
        list={list}
        columns={COLUMNS}
        empty={
          <Notice icon={<IconBox size={22} />} title="Never run as a whole so far">
            {node.permissions.includes('jobs:submit')
              ? 'Plan everything first: that changes nothing, and shows what applying it would do.'
              : 'An operator can plan and apply everything in it at once.'}
          </Notice>
        }
      />
    </>
  );
}

const COLUMNS: DataTableColumn<ScopeRun>[] = [
  { accessor: 'state', title: 'State', width: 130, render: (run) => <ScopeRunPill run={run} /> },
  {
    accessor: 'operation',
    title: 'Run',
    render: (run) => (
      <div className={classes.name}>
        <Link href={scopeRunPath(run.id)} className="link">
          {OPERATION_WORDS[run.operation]}
        </Link>
        <div className={classes.note}>
          {progressOf(run.counts)}, by <bdi>{run.createdBy}</bdi>
          <span className={classes.phoneOnly}>
            {', '}
            <Ago at={run.createdAt} />
          </span>
        </div>
      </div>
    ),
  },
  ...spanColumns<ScopeRun>(),
];
