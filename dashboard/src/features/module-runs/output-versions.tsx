'use client';

import type { ModuleOutputVersion } from '@dibs/shared';
import { Anchor, Button, Center, Paper, Title } from '@mantine/core';
import Link from 'next/link';
import { messageOf } from '../../api/api-error';
import { useOutputVersions } from '../../api/module-runs';
import { Callout } from '../../ui/callout';
import { Ago } from '../../ui/times';
import { useLiveRuns } from './use-live-runs';
import classes from './module-runs.module.css';

/** What changed with each version, newest first. */
export function OutputVersions({ moduleId }: { readonly moduleId: string }) {
  const list = useOutputVersions(moduleId, useLiveRuns());
  const versions = list.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <section aria-labelledby="versions-title">
      <Title order={2} id="versions-title" mt="xl" mb={8}>
        Versions
      </Title>
      {list.error && (
        <Callout tone="warn" role="status">
          They could not be read: {messageOf(list.error)}
        </Callout>
      )}
      {versions.length > 0 && (
        <Paper component="ol" radius="lg" className={classes.versions}>
          {versions.map((version) => (
            <li key={version.version}>
              <strong>{version.version}</strong>
              <span className={classes.versionNames}>
                <bdi>{version.changed.join(', ')}</bdi>
                {moreOf(version)}
              </span>
              <span className={classes.note}>
                <Ago at={version.changedAt} />
                {version.jobId !== null && (
                  <>
                    {' · '}
                    <Anchor component={Link} href={`/jobs/${version.jobId}`} size="xs" underline="always">
                      job
                    </Anchor>
                  </>
                )}
              </span>
            </li>
          ))}
        </Paper>
      )}
      {list.hasNextPage && (
        <Center mt="md">
          <Button variant="default" onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
            Load more
          </Button>
        </Center>
      )}
    </section>
  );
}

function moreOf({ changed, changedCount }: ModuleOutputVersion): string {
  return changedCount > changed.length ? ` and ${changedCount - changed.length} more` : '';
}
