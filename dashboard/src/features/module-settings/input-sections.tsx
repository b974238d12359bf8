'use client';

import { EntrySection } from './entry-section';
import { FileDialog } from './file-dialog';
import { EnvironmentDialog, VariableDialog } from './input-dialog';
import { InputWords } from './input-words';
import type { SettingsScope } from './settings-scope';
import classes from './module-settings.module.css';

/** What a module is given: variables of the engine, environment, files. Each entry is inherited by itself. */
export function InputSections({ scope }: { readonly scope: SettingsScope }) {
  return (
    <div className={classes.sections}>
      <EntrySection
        scope={scope}
        kind="variables"
        title="Variables"
        what="variable"
        add="Add a variable"
        explained="Of the engine: values, secrets, and outputs of other modules."
        show={(entry) => <InputWords entry={entry} />}
        Dialog={VariableDialog}
      />
      <EntrySection
        scope={scope}
        kind="environment"
        title="Environment"
        what="environment variable"
        add="Add an environment variable"
        explained="What the engine and the hooks find in their environment, such as credentials of a provider."
        show={(entry) => <InputWords entry={entry} />}
        Dialog={EnvironmentDialog}
      />
      <EntrySection
        scope={scope}
        kind="files"
        title="Files"
        what="file"
        add="Add a file"
        explained="Written beside the source before the engine starts; without a source they are the whole configuration."
        show={({ value }) => value.type === 'text' && sizeOf(value.content)}
        Dialog={FileDialog}
      />
    </div>
  );
}

function sizeOf(content: string): string {
  const bytes = new TextEncoder().encode(content).length;
  const lines = content === '' ? 0 : content.trimEnd().split('\n').length;
  return `${lines} ${lines === 1 ? 'line' : 'lines'}, ${bytes.toLocaleString()} ${bytes === 1 ? 'byte' : 'bytes'}`;
}
