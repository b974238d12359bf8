'use client';

import type { ModuleRun, PlanSummary, RunApproval } from '@dibs/shared';
import { Button, Group, Paper, Textarea } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useContext, useState } from 'react';
import { messageOf } from '../../api/api-error';
import { useDecideRun } from '../../api/module-runs';
import { Callout } from '../../ui/callout';
import { formatDuration, formatMoment } from '../../ui/format-time';
import { NowContext } from '../../ui/times';
import { useTick } from '../../ui/use-now';
import { PlanCounts } from './run-words';
import classes from './module-runs.module.css';

interface ApprovalBoxProps {
  readonly run: ModuleRun;
  readonly approval: RunApproval;
  readonly mayDecide: boolean;
}

const MAX_COMMENT = 1_000;

/** The plan waits for somebody to say yes or no. */
export function ApprovalBox({ run, approval, mayDecide }: ApprovalBoxProps) {
  const [comment, setComment] = useState('');
  const [approve, reject] = [useDecideRun(run.id, 'approve'), useDecideRun(run.id, 'reject')];
  const error = approve.error ?? reject.error;
  const isBusy = approve.isPending || reject.isPending;
  const body = comment.trim() === '' ? {} : { comment: comment.trim() };
  const isDestroy = run.operation === 'destroy';
  return (
    <Paper component="section" radius="lg" className={classes.approval} aria-label="Approval" data-testid="approval">
      <div className={classes.approvalHead}>
        <h2 className={classes.approvalTitle}>{isDestroy ? 'Destroy all of this?' : 'Carry out this plan?'}</h2>
        {run.plan && <PlanCounts plan={run.plan} />}
        <Expiry at={approval.expiresAt} />
      </div>
      {run.plan && run.plan.destroy > 0 && !isDestroy && <DestroysNote plan={run.plan} />}
      {mayDecide ? (
        <>
          <Textarea
            mt="sm"
            aria-label="Comment"
            placeholder="Why, for whoever reads this later (not required)"
            autosize
            minRows={1}
            maxRows={6}
            maxLength={MAX_COMMENT}
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
          {error && (
            <div style={{ marginTop: 10 }}>
              <Callout tone="bad" role="alert">
                {messageOf(error)}
              </Callout>
            </div>
          )}
          <Group mt="sm" gap="sm">
            <Button
              color={isDestroy ? 'red.9' : undefined}
              leftSection={<IconCheck size={16} />}
              onClick={() => approve.mutate(body)}
              loading={approve.isPending}
              disabled={isBusy && !approve.isPending}
            >
              {isDestroy ? 'Approve and destroy' : 'Approve and apply'}
            </Button>
            <Button
              variant="default"
              leftSection={<IconX size={16} />}
              onClick={() => reject.mutate(body)}
              loading={reject.isPending}
              disabled={isBusy && !reject.isPending}
            >
              Reject
            </Button>
          </Group>
        </>
      ) : (
        <p className={classes.note}>An operator of this module can approve or reject it.</p>
      )}
    </Paper>
  );
}

function DestroysNote({ plan: { destroy } }: { readonly plan: PlanSummary }) {
  return (
    <div className={classes.note}>
      {destroy === 1 ? 'One thing is' : `${destroy} things are`} destroyed, also where a new one takes its place.
    </div>
  );
}

function Expiry({ at }: { readonly at: string }) {
  useTick();
  const leftMs = Date.parse(at) - useContext(NowContext)();
  return (
    <span className={classes.note} title={formatMoment(at)}>
      {leftMs > 0 ? `expires in ${formatDuration(leftMs, { isRunning: true })}` : 'expires now'}
    </span>
  );
}
