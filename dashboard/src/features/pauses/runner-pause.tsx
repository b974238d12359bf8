'use client';

import type { RunnerView } from '@dibs/shared';
import { Button } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { usePauses, useResume } from '../../api/pauses';
import { usePermission } from '../../api/session';
import { StatusPill } from '../../ui/status-pill';
import { notChanged } from './not-changed';
import { PauseButton } from './pause-button';
import classes from './pauses.module.css';

/** Whether the runner is held back and why, and the button that does it or takes it back. */
export function RunnerPause({ runner: { id, name } }: { readonly runner: Pick<RunnerView, 'id' | 'name'> }) {
  const { data } = usePauses();
  const mayPause = usePermission('jobs:control');
  const resume = useResume();
  const pause = data?.items.find(({ target }) => target.type === 'runner' && target.id === id);
  if (!pause) {
    return mayPause ? (
      <PauseButton
        target={{ type: 'runner', id }}
        label="Pause"
        name={name}
        description="Whoever waits for it reads this. Running jobs go on."
        confirm={`Pause ${name}`}
      />
    ) : null;
  }
  return (
    <>
      <StatusPill tone="warn">Paused</StatusPill>
      <span className={classes.note}>
        <bdi>{pause.note}</bdi> · <bdi>{pause.who}</bdi>
      </span>
      {mayPause && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlayerPlay size={14} />}
          loading={resume.isPending}
          onClick={() => resume.mutate(pause.id, { onError: notChanged })}
          aria-label={`Resume ${name}`}
        >
          Resume
        </Button>
      )}
    </>
  );
}
