'use client';

import type { JobSummary } from '@dibs/shared';
import { Button, Center, Paper, Skeleton, Stack, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { DataTable, type DataTableColumn } from 'mantine-datatable';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { Callout } from '../../ui/callout';
import { Ago, Duration } from '../../ui/times';
import { JobStatePill } from './job-state-view';
import { isCanceling } from './is-canceling';
import { isHopeless } from '../explain/is-hopeless';
import classes from './job-table.module.css';

const WIDE = '(min-width: 62em)';
const NOT_A_PHONE = '(min-width: 36em)';
const SKELETON_ROWS = 8;

export interface JobSelection {
  readonly selected: ReadonlyMap<string, JobSummary>;
  readonly onSelect: (jobs: readonly JobSummary[]) => void;
}

interface JobTableProps {
  /** undefined: on their way. */
  readonly jobs: readonly JobSummary[] | undefined;
  /** Of the jobs, those that do not match any more. */
  readonly gone: ReadonlySet<string>;
  /** null: whoever looks may not do anything to jobs. */
  readonly selection: JobSelection | null;
  /** null: there are no more. */
  readonly onLoadMore: (() => void) | null;
  readonly isLoadingMore: boolean;
  /** Why what is shown could not be read again. */
  readonly readProblem: string | null;
}

export function JobTable({ jobs, gone, selection, onLoadMore, isLoadingMore, readProblem }: JobTableProps) {
  const router = useRouter();
  const isPhone = useMediaQuery('(max-width: 36em)');
  if (!jobs) return <JobTableSkeleton />;
  return (
    <Stack gap="md">
      {readProblem && (
        <Callout tone="warn" role="status">
          These rows may be behind: {readProblem}
        </Callout>
      )}
      <Paper className={classes.paper} radius="lg">
        <DataTable
          records={[...jobs]}
          {...(selection && selecting(jobs, selection))}
          columns={COLUMNS}
          idAccessor="id"
          minHeight={0}
          verticalSpacing={9}
          horizontalSpacing={isPhone ? 'sm' : 'lg'}
          highlightOnHover
          borderColor="var(--border)"
          rowBorderColor="var(--border)"
          rowClassName={({ id }) =>
            [classes.row, gone.has(id) && classes.gone, selection?.selected.has(id) && classes.chosen]
              .filter(Boolean)
              .join(' ')
          }
          onRowClick={({ record, event }) => {
            if (!(event.target as HTMLElement).closest('a, input, label')) router.push(`/jobs/${record.id}`);
          }}
        />
      </Paper>
      {onLoadMore && (
        <Center>
          <Button variant="default" onClick={onLoadMore} loading={isLoadingMore}>
            Load more
          </Button>
        </Center>
      )}
    </Stack>
  );
}

function selecting(jobs: readonly JobSummary[], { selected, onSelect }: JobSelection) {
  const others = [...selected.values()].filter(({ id }) => !jobs.some((job) => job.id === id));
  return {
    selectedRecords: jobs.filter(({ id }) => selected.has(id)),
    // what is selected and not shown (all that match) stays so
    onSelectedRecordsChange: (shown: JobSummary[]) => onSelect([...shown, ...others]),
    allRecordsSelectionCheckboxProps: { 'aria-label': 'Select all shown jobs' },
    getRecordSelectionCheckboxProps: ({ name }: JobSummary) => ({ 'aria-label': `Select ${name}` }),
    selectionColumnStyle: { width: 44, minWidth: 44 },
  };
}

const COLUMNS: DataTableColumn<JobSummary>[] = [
  {
    accessor: 'state',
    title: 'State',
    width: 124,
    render: (job) => <JobStatePill state={job.state} isCanceling={isCanceling(job)} isHopeless={isHopeless(job)} />,
  },
  {
    accessor: 'name',
    title: 'Job',
    render: (job) => (
      <div className={classes.name}>
        <Link href={`/jobs/${job.id}`} className={`link ${classes.title}`} data-job={job.id}>
          <bdi>{job.name}</bdi>
        </Link>
        <Text size="xs" c="dimmed" hiddenFrom="xs">
          <Ago at={job.createdAt} />
        </Text>
        {job.reasonText && job.state !== 'succeeded' && (
          <Text size="xs" c={isHopeless(job) ? 'var(--tone-bad)' : 'dimmed'} lineClamp={1} title={job.reasonText}>
            {job.reasonText}
          </Text>
        )}
      </div>
    ),
  },
  {
    accessor: 'runner',
    title: 'Runner',
    width: 220,
    visibleMediaQuery: WIDE,
    render: ({ claimedBy, forInstance }) => <RunnerCell who={claimedBy ?? forInstance} isTaken={claimedBy !== null} />,
  },
  {
    accessor: 'submittedBy',
    title: 'Submitted by',
    width: 190,
    ellipsis: true,
    visibleMediaQuery: WIDE,
    render: (job) => <bdi>{job.submittedBy}</bdi>,
  },
  {
    accessor: 'duration',
    title: 'Duration',
    width: 110,
    textAlign: 'right',
    visibleMediaQuery: NOT_A_PHONE,
    render: (job) => (job.startedAt ? <Duration from={job.startedAt} to={job.finishedAt} /> : null),
  },
  {
    accessor: 'createdAt',
    title: 'Submitted',
    width: 110,
    textAlign: 'right',
    visibleMediaQuery: NOT_A_PHONE,
    render: (job) => (
      <Text component="span" c="dimmed" size="sm" className={classes.age}>
        <Ago at={job.createdAt} />
      </Text>
    ),
  },
];

interface RunnerCellProps {
  readonly who: { readonly runner: string; readonly instance: string } | null;
  /** false: it is only meant for that one (a child of a fan-out). */
  readonly isTaken: boolean;
}

function RunnerCell({ who, isTaken }: RunnerCellProps) {
  if (!who) {
    return (
      <Text c="dimmed" component="span">
        –
      </Text>
    );
  }
  return (
    <Text component="div" size="sm" c={isTaken ? undefined : 'dimmed'} className={classes.name}>
      {isTaken ? '' : 'for '}
      <bdi>{who.runner}</bdi>
      {who.instance !== who.runner && (
        <Text size="xs" c="dimmed" truncate title={who.instance}>
          <bdi>{who.instance}</bdi>
        </Text>
      )}
    </Text>
  );
}

function JobTableSkeleton() {
  return (
    <Paper className={classes.paper} radius="lg" aria-busy aria-label="Loading the jobs">
      {Array.from({ length: SKELETON_ROWS }, (_, row) => (
        <div key={row} className={classes.skeletonRow}>
          <Skeleton height={20} width={92} radius="xl" />
          <Skeleton height={12} width={`${30 + ((row * 17) % 40)}%`} />
          <Skeleton height={12} width={60} ml="auto" />
        </div>
      ))}
    </Paper>
  );
}
