'use client';

import type { SourceWatch } from '@dibs/shared';
import { IconGitBranch } from '@tabler/icons-react';
import { useEffectiveSettings } from '../../api/hierarchy';
import { useSourceWatch } from '../../api/source-watch';
import { Callout } from '../../ui/callout';
import { Ago } from '../../ui/times';
import classes from './module-runs.module.css';

/** What is known of the commits that a module waits for; nothing where it does not wait for any. */
export function SourceWatchNote({ moduleId }: { readonly moduleId: string }) {
  const settings = useEffectiveSettings('module', moduleId).data;
  const { data: watch } = useSourceWatch(moduleId, settings?.triggerOnSourceChanged.value === true);
  if (!watch?.watched) return null;
  return (
    <div style={{ marginBottom: 16 }} data-testid="source-watch">
      <Callout
        tone={watch.error === null ? 'neutral' : 'warn'}
        {...(watch.error === null && { icon: <IconGitBranch size={18} /> })}
        role="status"
      >
        <Looked watch={watch} />
        {watch.error !== null && (
          <div>
            The last look failed: <bdi>{watch.error}</bdi>
          </div>
        )}
      </Callout>
    </div>
  );
}

function Looked({ watch: { revision, resolved, checkedAt, checkedBy, nextCheckAt } }: { readonly watch: SourceWatch }) {
  const what = <bdi className={classes.code}>{revision ?? 'the default branch'}</bdi>;
  return (
    <>
      New commits of {what} apply this module.{' '}
      {resolved !== null && (
        <>
          It was at{' '}
          <bdi className={classes.code} title={resolved}>
            {resolved.slice(0, 12)}
          </bdi>
          {'. '}
        </>
      )}
      {checkedAt === null ? (
        'Nobody has looked yet'
      ) : (
        <>
          Looked at <Ago at={checkedAt} />
          {checkedBy !== null && (
            <>
              {' by '}
              <bdi>{checkedBy}</bdi>
            </>
          )}
        </>
      )}
      {nextCheckAt === null ? ', and again when somebody says that it has changed.' : '.'}
    </>
  );
}
