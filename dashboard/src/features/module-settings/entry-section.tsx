'use client';

import { Button, Menu, Paper, Text, Title } from '@mantine/core';
import { IconArrowBackUp, IconBan, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useId, useState, type ComponentType, type ReactNode } from 'react';
import { AboveList } from '../administration/administration-frame';
import { RowMenu } from '../administration/row-menu';
import { entriesOf, type Entry, type EntryKind, type EntryValues } from './entries';
import { EntryRemovalDialog, type Removal } from './entry-removal-dialog';
import { Origin } from './origin';
import type { SettingsScope } from './settings-scope';
import classes from './module-settings.module.css';

export interface EntryDialogOf<Value> {
  readonly scope: SettingsScope;
  /** null: a new one. */
  readonly entry: Entry<Value> | null;
  readonly onClose: () => void;
}

interface EntrySectionProps<Kind extends EntryKind> {
  readonly scope: SettingsScope;
  readonly kind: Kind;
  readonly title: string;
  readonly explained: ReactNode;
  /** One of them, as in `variable`. */
  readonly what: string;
  /** Words of the button that adds one. */
  readonly add: string;
  readonly show: (entry: Entry<EntryValues[Kind]>) => ReactNode;
  readonly Dialog: ComponentType<EntryDialogOf<EntryValues[Kind]>>;
}

/** What is inherited entry by entry: each with its value, where that comes from, and what can be done to it here. */
export function EntrySection<Kind extends EntryKind>(props: EntrySectionProps<Kind>) {
  const { scope, kind, title, explained, what, add, show, Dialog } = props;
  const titleId = useId();
  const [edited, setEdited] = useState<Entry<EntryValues[Kind]> | 'new' | null>(null);
  const [removal, setRemoval] = useState<Removal | null>(null);
  const entries = entriesOf(scope, kind);
  const addButton = scope.mayManage && (
    <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setEdited('new')}>
      {add}
    </Button>
  );
  return (
    <section aria-labelledby={titleId}>
      <Title order={2} id={titleId} mb={4}>
        {title}
      </Title>
      <AboveList action={addButton}>{explained}</AboveList>
      <Paper component="ul" radius="lg" className={classes.list}>
        {entries.length === 0 && <li className={classes.empty}>None is set, here or further out.</li>}
        {entries.map((entry) => (
          <li key={entry.name} className={classes.row} data-entry={entry.name}>
            <div className={`${classes.entryName} ${entry.value.type === 'none' ? classes.none : ''}`}>
              <bdi>{entry.name}</bdi>
            </div>
            <div className={classes.value} data-inherited={entry.own === null ? true : undefined}>
              {entry.value.type === 'none' ? <Text c="dimmed">taken away here</Text> : show(entry)}
            </div>
            <div>
              <Origin scope={scope} origin={entry.origin} tab={kind === 'hooks' ? 'settings' : 'inputs'} />
            </div>
            <div>
              {scope.mayManage && (
                <EntryMenu
                  scope={scope}
                  entry={entry}
                  what={what}
                  onEdit={() => setEdited(entry)}
                  onRemove={(how) => setRemoval({ kind, what, name: entry.name, how })}
                />
              )}
            </div>
          </li>
        ))}
      </Paper>
      {edited !== null && (
        <Dialog scope={scope} entry={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
      )}
      {removal && <EntryRemovalDialog scope={scope} removal={removal} onClose={() => setRemoval(null)} />}
    </section>
  );
}

interface EntryMenuProps {
  readonly scope: SettingsScope;
  readonly entry: Entry;
  readonly what: string;
  readonly onEdit: () => void;
  readonly onRemove: (how: Removal['how']) => void;
}

function EntryMenu({ scope, entry: { name, own, value }, what, onEdit, onRemove }: EntryMenuProps) {
  const isHere = own !== null;
  return (
    <RowMenu label={`Actions for ${what} ${name}`}>
      <Menu.Item leftSection={<IconPencil size={16} />} onClick={onEdit}>
        {isHere ? 'Change…' : 'Set it here…'}
      </Menu.Item>
      {isHere && (
        <Menu.Item
          leftSection={scope.level === 'organization' ? <IconTrash size={16} /> : <IconArrowBackUp size={16} />}
          onClick={() => onRemove('inherit')}
        >
          {scope.level === 'organization' ? 'Remove…' : 'Remove what is set here…'}
        </Menu.Item>
      )}
      {scope.level !== 'organization' && value.type !== 'none' && (
        <Menu.Item leftSection={<IconBan size={16} />} onClick={() => onRemove('none')}>
          Take it away here…
        </Menu.Item>
      )}
    </RowMenu>
  );
}
