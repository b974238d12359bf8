'use client';

import { Button, Center, Paper, Skeleton, Stack } from '@mantine/core';
import { DataTable, type DataTableColumn } from 'mantine-datatable';
import type { ReactNode } from 'react';
import { ApiError, messageOf } from '../../api/api-error';
import type { usePages } from '../../api/pages';
import { Callout } from '../../ui/callout';
import { LoadError } from '../../ui/load-error';
import classes from './administration.module.css';

interface PagedTableProps<Item> {
  /** As in "The users could not be loaded". */
  readonly what: string;
  readonly list: ReturnType<typeof usePages<Item>>;
  readonly columns: DataTableColumn<Item>[];
  readonly isFaded?: (item: Item) => boolean;
  /** Shown where there is none. */
  readonly empty: ReactNode;
}

/** What has no room on a phone is told below the name. */
export const NOT_A_PHONE = '(min-width: 48em)';

const SKELETON_ROWS = 5;

/** A list of the administration in each of its states: on its way, broken, empty, there, behind. */
export function PagedTable<Item extends { readonly id: string }>(props: PagedTableProps<Item>) {
  const { what, list, columns, isFaded, empty } = props;
  const items = list.data?.pages.flatMap((page) => page.items);
  if (list.error && !items) {
    return (
      <LoadError
        what={what}
        detail={messageOf(list.error)}
        requestId={list.error instanceof ApiError ? list.error.requestId : null}
        onRetry={() => void list.refetch()}
        isRetrying={list.isFetching}
      />
    );
  }
  if (!items) return <TableSkeleton label={`Loading ${what.toLowerCase()}`} />;
  if (items.length === 0 && !list.isPlaceholderData) return empty;
  return (
    <Stack gap="md">
      {list.error && (
        <Callout tone="warn" role="status">
          These rows may be behind: {messageOf(list.error)}
        </Callout>
      )}
      <Paper className={classes.paper} radius="lg" aria-busy={list.isPlaceholderData}>
        <DataTable<Item>
          records={items}
          columns={columns}
          idAccessor="id"
          minHeight={0}
          verticalSpacing={9}
          horizontalSpacing="md"
          borderColor="var(--border)"
          rowBorderColor="var(--border)"
          rowClassName={(item) => (isFaded?.(item) ? `${classes.row} ${classes.faded}` : classes.row)}
          scrollAreaProps={{ type: 'auto' }}
        />
      </Paper>
      {list.hasNextPage && (
        <Center>
          <Button variant="default" onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
            Load more
          </Button>
        </Center>
      )}
    </Stack>
  );
}

function TableSkeleton({ label }: { readonly label: string }) {
  return (
    <Paper className={classes.paper} radius="lg" role="status" aria-busy aria-label={label}>
      {Array.from({ length: SKELETON_ROWS }, (_, row) => (
        <div key={row} className={classes.skeletonRow}>
          <Skeleton height={12} width={`${25 + ((row * 17) % 30)}%`} />
          <Skeleton height={12} width={80} ml="auto" />
          <Skeleton height={12} width={60} />
        </div>
      ))}
    </Paper>
  );
}
