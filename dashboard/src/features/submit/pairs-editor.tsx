'use client';

import { ActionIcon, Button, PasswordInput, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { rowId, type Pair } from './job-draft';
import type { DraftForm } from './submit-form';
import classes from './submit.module.css';

interface PairsEditorProps {
  readonly form: DraftForm;
  readonly path: 'env' | 'secrets' | 'requires.labels' | 'requires.prefers';
  readonly title: string;
  /** One of them, as in `variable`. */
  readonly what: string;
  readonly isSecret?: boolean;
}

/** Names with values, line by line; a problem of any of them is told below the list. */
export function PairsEditor({ form, path, title, what, isSecret = false }: PairsEditorProps) {
  const pairs = pairsAt(form, path);
  const error = form.errors[path];
  const Value = isSecret ? PasswordInput : TextInput;
  return (
    <div role="group" aria-label={title}>
      {pairs.length > 0 && (
        <ul className={classes.pairs}>
          {pairs.map((pair, index) => (
            <li key={pair.id} className={classes.pair}>
              <TextInput
                aria-label={`Name of ${what} ${index + 1}`}
                placeholder="name"
                spellCheck={false}
                {...form.getInputProps(`${path}.${index}.name`)}
                error={Boolean(error)}
              />
              <Value
                aria-label={`Value of ${what} ${index + 1}`}
                placeholder={isSecret ? 'value, never shown again' : 'value'}
                spellCheck={false}
                autoComplete="off"
                {...form.getInputProps(`${path}.${index}.value`)}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                onClick={() => form.removeListItem(path, index)}
                aria-label={`Remove ${what} ${index + 1}`}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      {error && (
        <p className={classes.error} role="alert">
          {error}
        </p>
      )}
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        onClick={() => form.insertListItem(path, { id: rowId(), name: '', value: '' })}
      >
        Add a {what}
      </Button>
    </div>
  );
}

function pairsAt({ values }: DraftForm, path: PairsEditorProps['path']): readonly Pair[] {
  if (path === 'requires.labels') return values.requires.labels;
  return path === 'requires.prefers' ? values.requires.prefers : values[path];
}
