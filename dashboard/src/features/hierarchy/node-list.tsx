'use client';

import type { AssignmentKind, HierarchyNodeSummary } from '@dibs/shared';
import { Button, Paper, Skeleton } from '@mantine/core';
import { IconBox, IconFolder, IconPlus, IconStack2 } from '@tabler/icons-react';
import { DataTable, type DataTableColumn } from 'mantine-datatable';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ApiError, messageOf } from '../../api/api-error';
import { useNodes } from '../../api/hierarchy';
import { Callout } from '../../ui/callout';
import { LoadError } from '../../ui/load-error';
import { Notice } from '../../ui/notice';
import { Ago } from '../../ui/times';
import { AboveList } from '../administration/administration-frame';
import { CreateNodeDialog } from './create-node-dialog';
import { placePath } from './places';
import classes from '../administration/administration.module.css';
import table from '../jobs/job-table.module.css';

/** What somebody who sees none of them yet needs to know. */
const TEACHING = {
  stack: {
    icon: <IconStack2 size={22} />,
    explained: 'A stack is what belongs together and is run by the same people: an environment, a product, a customer.',
    title: 'No stack yet',
    next: 'Make one for an environment, as in prod. Namespaces group its modules, and a module is what is deployed.',
  },
  namespace: {
    icon: <IconFolder size={22} />,
    explained: 'Namespaces group the modules of a stack. What is set for one counts for all modules in it.',
    title: 'No namespace yet',
    next: 'Make one, as in network or billing. Modules live inside it.',
  },
  module: {
    icon: <IconBox size={22} />,
    explained: 'A module is one configuration of terraform, tofu or pulumi, deployed again and again.',
    title: 'No module yet',
    next: 'Make one, give it an engine and a source under Settings, and plan it.',
  },
} as const satisfies Record<AssignmentKind, object>;

interface NodeListProps {
  readonly kind: AssignmentKind;
  /** Of stacks: null. */
  readonly parentId: string | null;
  readonly mayManage: boolean;
}

/** What is inside of something, by name. */
export function NodeList({ kind, parentId, mayManage }: NodeListProps) {
  const router = useRouter();
  const { data, error, refetch, isFetching } = useNodes(kind, parentId);
  const [isCreating, setCreating] = useState(false);
  const { icon, explained, title, next } = TEACHING[kind];
  const add = mayManage && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
      New {kind}
    </Button>
  );
  return (
    <>
      {data && data.length > 0 ? (
        <>
          <AboveList action={add}>{explained}</AboveList>
          {error && (
            <Callout tone="warn" role="status">
              These rows may be behind: {messageOf(error)}
            </Callout>
          )}
          <Paper className={classes.paper} radius="lg">
            <DataTable<HierarchyNodeSummary>
              records={data}
              columns={COLUMNS}
              idAccessor="id"
              minHeight={0}
              verticalSpacing={9}
              horizontalSpacing="md"
              highlightOnHover
              borderColor="var(--border)"
              rowBorderColor="var(--border)"
              rowClassName={table.row}
              onRowClick={({ record, event }) => {
                if (!(event.target as HTMLElement).closest('a')) router.push(placePath(kind, record.id));
              }}
            />
          </Paper>
        </>
      ) : data ? (
        <Notice icon={icon} title={title} actions={add}>
          {mayManage ? next : 'Administrators make them.'}
        </Notice>
      ) : error ? (
        <LoadError
          what={`The ${kind}s`}
          detail={messageOf(error)}
          requestId={error instanceof ApiError ? error.requestId : null}
          onRetry={() => void refetch()}
          isRetrying={isFetching}
        />
      ) : (
        <Skeleton height={160} radius="lg" role="status" aria-label={`Loading the ${kind}s`} />
      )}
      {isCreating && <CreateNodeDialog kind={kind} parentId={parentId} onClose={() => setCreating(false)} />}
    </>
  );
}

const COLUMNS: DataTableColumn<HierarchyNodeSummary>[] = [
  {
    accessor: 'name',
    title: 'Name',
    render: ({ kind, id, name }) => (
      <Link href={placePath(kind, id)} className={`link ${classes.name}`}>
        <bdi>{name}</bdi>
      </Link>
    ),
  },
  {
    accessor: 'updatedAt',
    title: 'Changed',
    width: 130,
    textAlign: 'right',
    render: ({ updatedAt }) => (
      <span className={classes.when}>
        <Ago at={updatedAt} />
      </span>
    ),
  },
];
