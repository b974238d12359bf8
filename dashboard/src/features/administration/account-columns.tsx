import { VisuallyHidden } from '@mantine/core';
import type { DataTableColumn } from 'mantine-datatable';
import type { ReactNode } from 'react';
import { StatusPill } from '../../ui/status-pill';
import { NOT_A_PHONE } from './paged-table';
import { agoColumn } from './time-columns';

interface Account {
  readonly disabled: boolean;
  readonly createdAt: string;
}

/** What users and service principals have in common: whether they may sign in, since when there are, what may be done to them. */
export function accountColumns<Item extends Account>(menu: (item: Item) => ReactNode): DataTableColumn<Item>[] {
  return [
    {
      accessor: 'disabled',
      title: 'State',
      width: 110,
      visibleMediaQuery: NOT_A_PHONE,
      render: ({ disabled }) => (
        <StatusPill tone={disabled ? 'muted' : 'good'}>{disabled ? 'Disabled' : 'Active'}</StatusPill>
      ),
    },
    agoColumn('Added'),
    {
      accessor: 'actions',
      title: <VisuallyHidden>Actions</VisuallyHidden>,
      width: 56,
      textAlign: 'right',
      render: menu,
    },
  ];
}
