'use client';

import { Button, Checkbox, FileButton, Group, Textarea, Title } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useImportDefinition } from '../../api/definitions';
import type { SettingsHolder } from '../../api/hierarchy';
import { AboveList } from '../administration/administration-frame';
import { ChangeList } from './change-list';
import { ImportProblem } from './import-problem';
import classes from './definitions.module.css';

/** Nothing is changed before one has seen what would be. */
export function ImportDefinition({ holder }: { readonly holder: SettingsHolder }) {
  const [text, setText] = useState('');
  const [prune, setPrune] = useState(false);
  const [preview, change] = [useImportDefinition(holder), useImportDefinition(holder)];
  /** What was seen is no longer what would happen. */
  const forget = (): void => {
    preview.reset();
    change.reset();
  };
  const write = (next: string): void => {
    setText(next);
    forget();
  };
  const error = change.error ?? preview.error;
  return (
    <section aria-labelledby="import-title">
      <Title order={2} id="import-title" mb={4}>
        Import
      </Title>
      <AboveList
        action={
          <FileButton
            accept=".yaml,.yml,.json,application/yaml,application/json"
            onChange={(file) => void file?.text().then(write)}
          >
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconFileUpload size={16} />}>
                Choose a file
              </Button>
            )}
          </FileButton>
        }
      >
        Makes what is here as the definition says, all of it or nothing. A secret without a value keeps the one that is
        stored.
      </AboveList>
      <Textarea
        aria-label="Definition to import"
        placeholder="YAML or JSON, as above"
        classNames={{ input: classes.text }}
        spellCheck={false}
        autosize
        minRows={6}
        maxRows={18}
        value={text}
        onChange={(event) => write(event.currentTarget.value)}
      />
      <Group mt="sm" justify="space-between" gap="md">
        <Checkbox
          label="Delete what is not in it"
          description="Otherwise it stays as it is. Settings that a listed part leaves out are inherited again either way."
          checked={prune}
          onChange={(event) => {
            setPrune(event.currentTarget.checked);
            forget();
          }}
        />
        <Button
          variant={preview.data ? 'default' : 'filled'}
          onClick={() => {
            forget();
            preview.mutate({ text, prune, dryRun: true });
          }}
          loading={preview.isPending}
          disabled={text.trim() === '' || change.isPending}
        >
          See what would change
        </Button>
      </Group>
      {error && <ImportProblem error={error} />}
      {change.data ? (
        <ChangeList changes={change.data} />
      ) : (
        preview.data && (
          <>
            <ChangeList changes={preview.data} />
            {preview.data.changes.some(({ action }) => action !== 'kept') && (
              <Group mt="sm" justify="flex-end">
                <Button onClick={() => change.mutate({ text, prune, dryRun: false })} loading={change.isPending}>
                  Import it
                </Button>
              </Group>
            )}
          </>
        )
      )}
    </section>
  );
}
