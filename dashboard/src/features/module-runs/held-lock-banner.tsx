'use client';

import type { HierarchyNodeView, ModuleRun } from '@dibs/shared';
import { Button, Group, Text, TextInput } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useStartRun } from '../../api/module-runs';
import { Callout } from '../../ui/callout';
import { Ago } from '../../ui/times';
import { FormDialog } from '../administration/dialog';
import { heldLockOf } from './held-lock';
import { runPath } from './run-words';
import classes from './module-runs.module.css';

interface HeldLockBannerProps {
  readonly module: Pick<HierarchyNodeView, 'id' | 'path' | 'permissions'>;
  /** The newest first. */
  readonly runs: readonly ModuleRun[];
}

/** The state of the module is locked, as far as its last runs tell, and how to get out of it. */
export function HeldLockBanner({ module, runs }: HeldLockBannerProps) {
  const [isAsking, setAsking] = useState(false);
  const held = heldLockOf(runs);
  if (held === null) return null;
  const { lock, run } = held;
  return (
    <div style={{ marginBottom: 16 }} data-testid="held-lock">
      <Callout tone="warn" icon={<IconLock size={18} />} role="status">
        <Group justify="space-between" gap="sm">
          <span>
            <strong>The state is locked</strong>, since <Ago at={run.endedAt ?? run.createdAt} />
            {lock.who && (
              <>
                , by <bdi>{lock.who}</bdi>
              </>
            )}
            . Nothing can be planned or applied while it is. Lock <bdi className={classes.code}>{lock.id}</bdi>
          </span>
          {module.permissions.includes('jobs:submit') && (
            <Button size="xs" variant="default" onClick={() => setAsking(true)}>
              Unlock…
            </Button>
          )}
        </Group>
      </Callout>
      {isAsking && <UnlockDialog module={module} lockId={lock.id} onClose={() => setAsking(false)} />}
    </div>
  );
}

interface UnlockDialogProps {
  readonly module: HeldLockBannerProps['module'];
  readonly lockId: string;
  readonly onClose: () => void;
}

/** Whoever takes a lock away that somebody still holds spoils the state: nobody does it by one click too many. */
function UnlockDialog({ module, lockId, onClose }: UnlockDialogProps) {
  const router = useRouter();
  const start = useStartRun(module.id);
  const [typed, setTyped] = useState('');
  return (
    <FormDialog
      title={`Unlock the state of ${module.path}`}
      confirm="Take the lock away"
      isDangerous
      onClose={onClose}
      onSubmit={() =>
        start.mutate({ operation: 'unlock', lockId }, { onSuccess: ({ id }) => router.push(runPath(id)) })
      }
      isPending={start.isPending || start.isSuccess}
      isDisabled={typed.trim() !== lockId}
      error={start.error}
    >
      <Text size="sm">
        Only if nobody works on this state any more: neither a job here nor a person with the engine at hand. Two who
        write at once can ruin it.
      </Text>
      <TextInput
        label="Type the id of the lock"
        description={<span className={classes.code}>{lockId}</span>}
        spellCheck={false}
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-autofocus
      />
    </FormDialog>
  );
}
