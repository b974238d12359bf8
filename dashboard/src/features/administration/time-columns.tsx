import type { DataTableColumn } from 'mantine-datatable';
import { Ago, Duration } from '../../ui/times';
import { NOT_A_PHONE } from './paged-table';
import classes from './administration.module.css';

/** How long ago something came to be. It has no room on a phone. */
export function agoColumn<Item extends { readonly createdAt: string }>(title: string): DataTableColumn<Item> {
  return {
    accessor: 'createdAt',
    title,
    width: 110,
    visibleMediaQuery: NOT_A_PHONE,
    render: ({ createdAt }) => (
      <span className={classes.when}>
        <Ago at={createdAt} />
      </span>
    ),
  };
}

/** How long something took, or takes until now, and when it began. */
export function spanColumns<
  Item extends { readonly createdAt: string; readonly endedAt: string | null },
>(): DataTableColumn<Item>[] {
  return [
    {
      accessor: 'duration',
      title: 'Took',
      width: 110,
      textAlign: 'right',
      visibleMediaQuery: NOT_A_PHONE,
      render: ({ createdAt, endedAt }) => <Duration from={createdAt} to={endedAt} />,
    },
    { ...agoColumn<Item>('Started'), textAlign: 'right' },
  ];
}
