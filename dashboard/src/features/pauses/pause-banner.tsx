'use client';

import { Button, Stack } from '@mantine/core';
import { IconPlayerPause, IconTool } from '@tabler/icons-react';
import { useEndMaintenance, useResume } from '../../api/pauses';
import { usePermission } from '../../api/session';
import { Callout } from '../../ui/callout';
import { Ago } from '../../ui/times';
import { notChanged } from './not-changed';
import { useLivePauses } from './use-live-pauses';
import classes from './pauses.module.css';

/** On every page: why nothing starts, while the organization or the whole installation is held back. */
export function PauseBanner() {
  const { pauses, installation } = useLivePauses();
  const mayResume = usePermission('runners:manage');
  const resume = useResume();
  const end = useEndMaintenance();
  const paused = pauses?.items.find(({ target }) => target.type === 'organization');
  const maintenance = installation?.maintenance;
  if (!paused && !maintenance) return null;
  return (
    <Stack gap="xs" className={classes.banner}>
      {maintenance && (
        <Callout tone="warn" role="status" icon={<IconTool size={18} />}>
          <span className={classes.line}>
            <span>
              Maintenance began <Ago at={maintenance.since} />: <bdi>{maintenance.note}</bdi>. Jobs are accepted and
              start when it ends.
            </span>
            {installation.mayControl && (
              <Button
                size="compact-sm"
                variant="default"
                loading={end.isPending}
                onClick={() => end.mutate(undefined, { onError: notChanged })}
              >
                End maintenance
              </Button>
            )}
          </span>
        </Callout>
      )}
      {paused && (
        <Callout tone="warn" role="status" icon={<IconPlayerPause size={18} />}>
          <span className={classes.line}>
            <span>
              <bdi>{paused.who}</bdi> paused the organization <Ago at={paused.since} />: <bdi>{paused.note}</bdi>
            </span>
            {mayResume && (
              <Button
                size="compact-sm"
                variant="default"
                loading={resume.isPending}
                onClick={() => resume.mutate(paused.id, { onError: notChanged })}
              >
                Resume
              </Button>
            )}
          </span>
        </Callout>
      )}
    </Stack>
  );
}
