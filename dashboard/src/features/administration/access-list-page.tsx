'use client';

import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { DataTableColumn } from 'mantine-datatable';
import { useState, type ComponentType, type ReactNode } from 'react';
import type { usePages } from '../../api/pages';
import { usePermission } from '../../api/session';
import { Notice } from '../../ui/notice';
import { AboveList } from './administration-frame';
import { PagedTable } from './paged-table';
import { SecretDialog, type ShownSecret } from './secret-dialog';

interface AccessListPageProps<Item> {
  /** As in "The users could not be loaded". */
  readonly what: string;
  /** Words of the button that adds one. */
  readonly add: string;
  readonly explained: ReactNode;
  readonly list: ReturnType<typeof usePages<Item>>;
  readonly columns: (onSecret: (secret: ShownSecret) => void) => DataTableColumn<Item>[];
  readonly isFaded?: (item: Item) => boolean;
  /** What stands there while there is none. */
  readonly empty: { readonly icon: ReactNode; readonly title: string; readonly text: string };
  readonly CreateDialog: ComponentType<{
    readonly onClose: () => void;
    readonly onCreated: (secret: ShownSecret) => void;
  }>;
}

/** Those who may do something here: a list, the way to add one, and the secret that each addition shows once. */
export function AccessListPage<Item extends { readonly id: string }>(props: AccessListPageProps<Item>) {
  const { what, add, explained, list, columns, isFaded, empty, CreateDialog } = props;
  const mayManage = usePermission('access:manage');
  const [isCreating, setCreating] = useState(false);
  const [secret, setSecret] = useState<ShownSecret | null>(null);
  const addButton = mayManage && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
      {add}
    </Button>
  );
  return (
    <>
      <AboveList action={addButton}>{explained}</AboveList>
      <PagedTable
        what={what}
        list={list}
        columns={columns(setSecret)}
        {...(isFaded && { isFaded })}
        empty={
          <Notice icon={empty.icon} title={empty.title} actions={addButton}>
            {empty.text}
          </Notice>
        }
      />
      {isCreating && <CreateDialog onClose={() => setCreating(false)} onCreated={setSecret} />}
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}
