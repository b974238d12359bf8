'use client';

import type { ModuleFile } from '@dibs/shared';
import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { EntryDialogOf } from './entry-section';
import { SettingDialog } from './setting-dialog';
import classes from './module-settings.module.css';

/** One file below the folder in which the engine works. */
export function FileDialog({ scope, entry, onClose }: EntryDialogOf<ModuleFile>) {
  const [path, setPath] = useState(entry?.name ?? '');
  const [content, setContent] = useState(entry?.value.type === 'text' ? entry.value.content : '');
  const wanted = path.trim();
  return (
    <SettingDialog
      scope={scope}
      title={entry ? entry.name : 'Add a file'}
      patch={wanted === '' ? null : { files: { [wanted]: { type: 'text', content } } }}
      inherit={null}
      size={760}
      onClose={onClose}
    >
      {!entry && (
        <TextInput
          label="Path"
          description="In the folder in which the engine works."
          placeholder="main.tf"
          spellCheck={false}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
          data-autofocus
        />
      )}
      <Textarea
        label="Content"
        description="Everybody of the organization can read it: secrets belong to the variables."
        autosize
        minRows={8}
        maxRows={22}
        spellCheck={false}
        classNames={{ input: classes.script }}
        value={content}
        onChange={(event) => setContent(event.currentTarget.value)}
      />
    </SettingDialog>
  );
}
