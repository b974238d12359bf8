'use client';

import { Button, Tooltip } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { usePauses, useResume } from '../../api/pauses';
import { usePermission } from '../../api/session';
import { notChanged } from './not-changed';
import { PauseButton } from './pause-button';

/** Holds back all jobs that ask the same of a runner as this one (its lane), or lets them go again. */
export function LanePause({ lane }: { readonly lane: string }) {
  const { data } = usePauses();
  const mayPause = usePermission('jobs:control');
  const resume = useResume();
  if (!mayPause || !data) return null;
  const pause = data.items.find(({ target }) => target.type === 'lane' && target.id === lane);
  if (!pause) {
    return (
      <PauseButton
        target={{ type: 'lane', id: lane }}
        size="sm"
        label="Pause jobs like this"
        description="Jobs that ask the same of a runner wait, and show this. Running ones go on."
        confirm="Pause them"
      />
    );
  }
  return (
    <Tooltip label={`${pause.who} paused jobs that ask the same of a runner: ${pause.note}`} multiline maw={320}>
      <Button
        variant="default"
        leftSection={<IconPlayerPlay size={14} />}
        loading={resume.isPending}
        onClick={() => resume.mutate(pause.id, { onError: notChanged })}
      >
        Resume jobs like this
      </Button>
    </Tooltip>
  );
}
