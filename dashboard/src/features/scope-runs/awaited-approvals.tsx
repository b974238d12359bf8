import type { ScopeRunView } from '@dibs/shared';
import { Anchor } from '@mantine/core';
import { IconHandStop } from '@tabler/icons-react';
import Link from 'next/link';
import { Callout } from '../../ui/callout';
import { runPath } from '../module-runs/run-words';
import { nameInside } from './module-order';

/** What holds the run up, with the way to decide it. */
export function AwaitedApprovals({ run }: { readonly run: ScopeRunView }) {
  const awaiting = run.modules.filter(({ runId, runState }) => runId !== null && runState === 'awaiting_approval');
  if (awaiting.length === 0) return null;
  return (
    <div data-testid="awaited-approvals">
      <Callout tone="warn" icon={<IconHandStop size={18} />} role="status">
        <strong>
          {awaiting.length === 1 ? 'A plan waits for approval' : `${awaiting.length} plans wait for approval`}
        </strong>
        {', and the modules after it with it: '}
        {awaiting.map(({ moduleId, path, runId }, index) => (
          <span key={moduleId}>
            {index > 0 && ', '}
            <Anchor component={Link} href={runPath(runId!)} underline="always">
              <bdi>{nameInside(path, run.path)}</bdi>
            </Anchor>
          </span>
        ))}
      </Callout>
    </div>
  );
}
