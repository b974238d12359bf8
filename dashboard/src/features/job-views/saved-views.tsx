'use client';

import type { JobViewView } from '@dibs/shared';
import { ActionIcon, Button, Menu, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBookmark, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { messageOf } from '../../api/api-error';
import { useDeleteJobView, useJobViews, useSaveJobView } from '../../api/job-views';
import { FormDialog } from '../administration/dialog';
import { jobViewQuery, readJobView, type JobView } from '../jobs/job-filter';
import classes from './saved-views.module.css';

interface SavedViewsProps {
  readonly view: JobView;
  readonly onOpen: (view: JobView) => void;
}

/** Filters under a name; they follow their owner to every browser. */
export function SavedViews({ view, onOpen }: SavedViewsProps) {
  const { data, error } = useJobViews();
  const remove = useDeleteJobView();
  const [isSaving, setSaving] = useState(false);
  const query = jobViewQuery(view);
  const current = data?.items.find((saved) => jobViewQuery(readView(saved)) === query);
  const forget = (saved: JobViewView): void =>
    remove.mutate(saved.id, {
      onError: (problem) => notifications.show({ color: 'red', title: 'Not deleted', message: messageOf(problem) }),
    });
  return (
    <>
      <Menu position="bottom-end" width={270} closeOnItemClick>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} />} className={classes.button}>
            <bdi className={classes.current}>{current?.name ?? 'Views'}</bdi>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {data?.items.length === 0 && (
            <Text size="sm" c="dimmed" className={classes.hint}>
              No saved view yet. Narrow the list, then give the view a name.
            </Text>
          )}
          {error && (
            <Text size="sm" c="dimmed" className={classes.hint} role="alert">
              Your views could not be loaded: {messageOf(error)}
            </Text>
          )}
          {data?.items.map((saved) => (
            <div key={saved.id} className={classes.row}>
              <Menu.Item onClick={() => onOpen(readView(saved))} data-current={saved === current || undefined}>
                <bdi>{saved.name}</bdi>
              </Menu.Item>
              <ActionIcon
                variant="subtle"
                color="gray"
                onClick={() => forget(saved)}
                aria-label={`Delete the view ${saved.name}`}
              >
                <IconTrash size={15} />
              </ActionIcon>
            </div>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconPlus size={15} />} onClick={() => setSaving(true)} disabled={query === ''}>
            Save this view…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isSaving && <SaveView query={query} taken={data?.items ?? []} onClose={() => setSaving(false)} />}
    </>
  );
}

interface SaveViewProps {
  readonly query: string;
  readonly taken: readonly JobViewView[];
  readonly onClose: () => void;
}

function SaveView({ query, taken, onClose }: SaveViewProps) {
  const save = useSaveJobView();
  const [name, setName] = useState('');
  const wanted = name.trim();
  const replaces = taken.some((saved) => saved.name === wanted);
  return (
    <FormDialog
      title="Save this view"
      confirm={replaces ? 'Replace the view' : 'Save'}
      onClose={onClose}
      onSubmit={() => save.mutate({ name: wanted, query }, { onSuccess: onClose })}
      isPending={save.isPending}
      isDisabled={wanted === ''}
      error={save.error}
    >
      <TextInput
        label="Name"
        description={replaces ? 'You have a view of this name: it is replaced.' : 'Only you see it, in every browser.'}
        placeholder="Failed deployments of today"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={100}
        data-autofocus
      />
    </FormDialog>
  );
}

function readView({ query }: JobViewView): JobView {
  return readJobView(new URLSearchParams(query));
}
