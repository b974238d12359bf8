'use client';

import type { ApprovalRule, HierarchyNodeView } from '@dibs/shared';
import { useRouter } from 'next/navigation';
import { useEffectiveSettings } from '../../api/hierarchy';
import { useStartRun } from '../../api/module-runs';
import { FormDialog } from '../administration/dialog';
import { runPath } from './run-words';

const WHAT_HAPPENS = {
  never: 'It is applied as soon as it is planned: nobody is asked.',
  changes: 'A plan that changes something waits until somebody approves it.',
  destroys: 'A plan that destroys something waits until somebody approves it; any other is applied at once.',
  always: 'It waits until somebody approves the plan.',
} as const satisfies Record<ApprovalRule, string>;

interface ApplyDialogProps {
  readonly module: HierarchyNodeView;
  readonly onClose: () => void;
}

/** It is open while it is there. */
export function ApplyDialog({ module, onClose }: ApplyDialogProps) {
  const router = useRouter();
  const start = useStartRun(module.id);
  const { data } = useEffectiveSettings('module', module.id);
  return (
    <FormDialog
      title={`Apply ${module.path}`}
      confirm="Plan and apply"
      onClose={onClose}
      onSubmit={() => start.mutate({ operation: 'apply' }, { onSuccess: ({ id }) => router.push(runPath(id)) })}
      isPending={start.isPending || start.isSuccess}
      error={start.error}
    >
      {`It is planned first, and exactly that plan is carried out. ${data ? WHAT_HAPPENS[data.approval.value.when] : ''}`}
    </FormDialog>
  );
}
