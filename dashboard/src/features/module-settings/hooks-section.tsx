'use client';

import { EntrySection } from './entry-section';
import { HookDialog } from './hook-dialog';
import type { SettingsScope } from './settings-scope';
import classes from './module-settings.module.css';

export function HooksSection({ scope }: { readonly scope: SettingsScope }) {
  return (
    <EntrySection
      scope={scope}
      kind="hooks"
      title="Hooks"
      what="hook"
      add="Add a hook"
      explained="Scripts before and after the calls of the engine, as steps of the same job."
      show={({ value }) =>
        value.type === 'script' && (
          <>
            <span className={classes.code}>{value.run.split('\n').find((line) => line.trim() !== '')}</span>
            <div className={classes.hint}>
              {value.shell}, {linesOf(value.run)}
            </div>
          </>
        )
      }
      Dialog={HookDialog}
    />
  );
}

function linesOf(text: string): string {
  const count = text.trimEnd().split('\n').length;
  return count === 1 ? 'one line' : `${count} lines`;
}
