'use client';

import { ActionIcon, Button, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { emptyFile } from './job-draft';
import { Section } from './section';
import type { DraftForm } from './submit-form';
import { NumberField, TextField } from './text-field';
import classes from './submit.module.css';

/** What lies in the workspace before the first step runs. */
export function SourceFields({ form }: { readonly form: DraftForm }) {
  const hasSource = form.values.source.url.trim() !== '';
  return (
    <Section title="What it works on" hint="Nothing here: the steps begin in an empty folder.">
      <TextField form={form} path="source.url" label="Git repository" placeholder="https://example.com/team/repo.git" />
      {hasSource && (
        <div className={classes.row}>
          <TextField
            form={form}
            path="source.revision"
            label="Branch, tag or commit"
            placeholder="the default branch"
          />
          <TextField form={form} path="source.path" label="Folder" placeholder="the root" />
          <NumberField form={form} path="source.depth" label="Commits of history" placeholder="the runner's setting" />
        </div>
      )}
      <div role="group" aria-label="Files">
        <span className={classes.label}>Files</span>
        {form.values.files.map((file, index) => (
          <div key={file.id} className={classes.file}>
            <div className={classes.fileName}>
              <TextInput
                aria-label={`Path of file ${index + 1}`}
                placeholder="input.json, in the folder of the steps"
                spellCheck={false}
                {...form.getInputProps(`files.${index}.path`)}
                error={Boolean(form.errors['files'])}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                onClick={() => form.removeListItem('files', index)}
                aria-label={`Remove file ${index + 1}`}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </div>
            <Textarea
              aria-label={`Content of file ${index + 1}`}
              autosize
              minRows={2}
              maxRows={12}
              spellCheck={false}
              classNames={{ input: classes.script }}
              {...form.getInputProps(`files.${index}.content`)}
            />
          </div>
        ))}
        {form.errors['files'] && (
          <p className={classes.error} role="alert">
            {form.errors['files']}
          </p>
        )}
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => form.insertListItem('files', emptyFile())}
        >
          Add a file
        </Button>
      </div>
    </Section>
  );
}
