'use client';

import { Menu } from '@mantine/core';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { RowMenu } from '../administration/row-menu';
import { DeleteNodeDialog } from './delete-node-dialog';
import type { Node } from './places';
import { RenameNodeDialog } from './rename-node-dialog';

/** For those who may manage it. */
export function NodeMenu({ node }: { readonly node: Node }) {
  const [asked, setAsked] = useState<'rename' | 'delete' | null>(null);
  const dialog = { node, onClose: () => setAsked(null) };
  return (
    <>
      <RowMenu label={`Actions for ${node.kind} ${node.name}`}>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setAsked('rename')}>
          Rename…
        </Menu.Item>
        <Menu.Item leftSection={<IconTrash size={16} />} color="red" onClick={() => setAsked('delete')}>
          Delete…
        </Menu.Item>
      </RowMenu>
      {asked === 'rename' && <RenameNodeDialog {...dialog} />}
      {asked === 'delete' && <DeleteNodeDialog {...dialog} />}
    </>
  );
}
