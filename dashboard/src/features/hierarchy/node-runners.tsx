'use client';

import type { AssignmentView, HierarchyNodeView, RunnerView } from '@dibs/shared';
import { ActionIcon, Button, Paper, Skeleton, Title, VisuallyHidden } from '@mantine/core';
import { IconPlus, IconServerOff, IconTrash } from '@tabler/icons-react';
import { DataTable, type DataTableColumn } from 'mantine-datatable';
import Link from 'next/link';
import { useState } from 'react';
import { messageOf } from '../../api/api-error';
import { useAssignmentsOf, useRunners, useUnassignRunner } from '../../api/runners';
import { usePermission } from '../../api/session';
import { Callout } from '../../ui/callout';
import { Notice } from '../../ui/notice';
import { AboveList } from '../administration/administration-frame';
import { FormDialog } from '../administration/dialog';
import { AssignRunnerDialog } from './assign-runner-dialog';
import { placePath, wayTo } from './places';
import classes from '../administration/administration.module.css';

const POLL_EVERY_MS = 10_000;

interface AssignedRunner {
  readonly runner: RunnerView;
  /** What it is assigned to, here or further out; null: to everything. */
  readonly assignment: AssignmentView | null;
}

/** The runners that may take the jobs of what is in the node. */
export function NodeRunners({ node }: { readonly node: HierarchyNodeView }) {
  const { data: runners, error } = useRunners(POLL_EVERY_MS);
  const assignments = useAssignmentsOf(runners?.map(({ id }) => id) ?? []);
  const [isAssigning, setAssigning] = useState(false);
  const [asked, setAsked] = useState<AssignedRunner | null>(null);
  const mayManage = usePermission('runners:manage');
  const around = wayTo(node).map(({ id }) => id);
  const assigned = (runners ?? []).flatMap((runner, index): AssignedRunner[] => {
    if (runner.isAssignedToAllModules) return [{ runner, assignment: null }];
    const items = assignments[index]?.data?.items ?? [];
    return items.filter(({ targetId }) => around.includes(targetId)).map((assignment) => ({ runner, assignment }));
  });
  const problem = error ?? assignments.find((one) => one.error)?.error;
  const isLoading = !runners || assignments.some(({ isPending }) => isPending);
  const add = mayManage && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAssigning(true)}>
      Assign a runner
    </Button>
  );
  return (
    <section aria-labelledby="runners-title">
      <Title order={2} id="runners-title" mb={4}>
        Runners
      </Title>
      <AboveList action={add}>
        Who may take the jobs of this {node.kind}: runners that take any job, and those assigned to it or to what it is
        in.
      </AboveList>
      {problem && (
        <Callout tone="warn" role="status">
          The runners could not be read: {messageOf(problem)}
        </Callout>
      )}
      {isLoading ? (
        !problem && <Skeleton height={100} radius="lg" role="status" aria-label="Loading the runners" />
      ) : assigned.length === 0 ? (
        <Notice icon={<IconServerOff size={22} />} title="No runner may take its jobs" actions={add}>
          {mayManage
            ? 'Assign one, or let one on the Runners page take any job. Until then jobs of it wait.'
            : 'An administrator can assign one. Until then jobs of it wait.'}
        </Notice>
      ) : (
        <Paper className={classes.paper} radius="lg">
          <DataTable<AssignedRunner>
            records={assigned}
            columns={columns(node, mayManage ? setAsked : null)}
            idAccessor={({ runner, assignment }) => `${runner.id}:${assignment?.id ?? ''}`}
            minHeight={0}
            verticalSpacing={9}
            horizontalSpacing="md"
            borderColor="var(--border)"
            rowBorderColor="var(--border)"
            rowClassName={({ runner }) => (runner.disabled ? `${classes.row} ${classes.faded}` : classes.row)}
          />
        </Paper>
      )}
      {isAssigning && (
        <AssignRunnerDialog
          node={node}
          runners={(runners ?? []).filter(
            ({ id, isAssignedToAllModules }) =>
              !isAssignedToAllModules &&
              !assigned.some(({ runner, assignment }) => runner.id === id && assignment?.targetId === node.id),
          )}
          onClose={() => setAssigning(false)}
        />
      )}
      {asked?.assignment && (
        <UnassignDialog runner={asked.runner} assignment={asked.assignment} onClose={() => setAsked(null)} />
      )}
    </section>
  );
}

function columns(
  node: HierarchyNodeView,
  onUnassign: ((assigned: AssignedRunner) => void) | null,
): DataTableColumn<AssignedRunner>[] {
  return [
    {
      accessor: 'runner',
      title: 'Runner',
      render: ({ runner }) => (
        <div className={classes.name}>
          <Link href={`/runners#${runner.id}`} className="link">
            <bdi>{runner.name}</bdi>
          </Link>
          <div className={classes.note}>{standingOf(runner)}</div>
        </div>
      ),
    },
    {
      accessor: 'assignment',
      title: 'Because it',
      render: ({ assignment }) => <Why assignment={assignment} node={node} />,
    },
    {
      accessor: 'actions',
      title: <VisuallyHidden>Actions</VisuallyHidden>,
      width: 56,
      textAlign: 'right',
      hidden: onUnassign === null,
      render: (assigned) =>
        assigned.assignment?.targetId === node.id && (
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={() => onUnassign?.(assigned)}
            aria-label={`Take the assignment back from ${assigned.runner.name}`}
          >
            <IconTrash size={16} />
          </ActionIcon>
        ),
    },
  ];
}

interface WhyProps {
  readonly assignment: AssignmentView | null;
  readonly node: HierarchyNodeView;
}

function Why({ assignment, node }: WhyProps) {
  if (assignment === null) return <>takes any job</>;
  if (assignment.targetId === node.id) return <>is assigned here</>;
  return (
    <>
      is assigned to {assignment.kind}{' '}
      <Link href={placePath(assignment.kind, assignment.targetId, 'access')} className="link">
        <bdi>{assignment.path}</bdi>
      </Link>
    </>
  );
}

function standingOf({ disabled, instances }: RunnerView): string {
  if (disabled) return 'disabled';
  return instances.online > 0 ? `${instances.online} online` : 'none of its instances is online';
}

interface UnassignDialogProps {
  readonly runner: RunnerView;
  readonly assignment: AssignmentView;
  readonly onClose: () => void;
}

function UnassignDialog({ runner, assignment, onClose }: UnassignDialogProps) {
  const unassign = useUnassignRunner(runner.id);
  return (
    <FormDialog
      title={`Take ${assignment.path} back from ${runner.name}`}
      confirm="Take it back"
      isDangerous
      onClose={onClose}
      onSubmit={() => unassign.mutate(assignment.id, { onSuccess: onClose })}
      isPending={unassign.isPending}
      error={unassign.error}
    >
      Its next jobs may not use this runner any more, unless the runner is assigned further out. What runs goes on.
    </FormDialog>
  );
}
