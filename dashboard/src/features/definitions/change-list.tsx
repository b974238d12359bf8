import type { DefinitionChange, DefinitionChanges } from '@dibs/shared';
import { Paper } from '@mantine/core';
import { StatusPill, type Tone } from '../../ui/status-pill';
import { summaryOf } from './change-summary';
import classes from './definitions.module.css';

const VIEWS = {
  created: { tone: 'good', word: 'Created' },
  updated: { tone: 'info', word: 'Changed' },
  deleted: { tone: 'bad', word: 'Deleted' },
  kept: { tone: 'muted', word: 'Not in it, stays' },
} as const satisfies Record<DefinitionChange['action'], { tone: Tone; word: string }>;

/** What an import did, or would do. */
export function ChangeList({ changes: answer }: { readonly changes: DefinitionChanges }) {
  return (
    <div className={classes.answer} data-testid={answer.dryRun ? 'import-preview' : 'import-done'}>
      <p className={classes.summary} role="status">
        {summaryOf(answer)}
      </p>
      {answer.changes.length > 0 && (
        <Paper component="ul" radius="lg" className={classes.list}>
          {answer.changes.map(({ kind, path, action, settings }) => (
            <li key={`${kind} ${path}`} className={classes.row}>
              <div className={classes.rowText}>
                {kind} <bdi className={classes.path}>{path}</bdi>
                {settings.length > 0 && (
                  <div className={classes.code}>
                    <bdi>{settings.join(', ')}</bdi>
                  </div>
                )}
              </div>
              <StatusPill tone={VIEWS[action].tone}>{VIEWS[action].word}</StatusPill>
            </li>
          ))}
        </Paper>
      )}
    </div>
  );
}
