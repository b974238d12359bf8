import type { ApprovalRule, ModuleRun, OrganizationId, RunApproval } from '@dibs/shared';

type Kept =
  | 'id'
  | 'moduleId'
  | 'path'
  | 'operation'
  | 'state'
  | 'reason'
  | 'trigger'
  | 'firstJobId'
  | 'applyJobId'
  | 'plan'
  | 'stateLock'
  | 'commit'
  | 'createdBy';

/** A run as the statements of module-run.sql.ts select it. */
export interface RunRow extends Pick<ModuleRun, Kept>, Pick<RunApproval, 'decision' | 'decidedBy' | 'comment'> {
  readonly organizationId: OrganizationId;
  readonly namespaceId: string;
  readonly stackId: string;
  readonly approvalRule: ApprovalRule;
  /** null: no approval was asked for */
  readonly approvalExpiresAt: Date | null;
  readonly decidedAt: Date | null;
  readonly cancelRequestedAt: Date | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

export function toModuleRun(row: RunRow): ModuleRun {
  const { stackId, namespaceId, moduleId } = row;
  return {
    id: row.id,
    moduleId,
    path: row.path,
    scope: { stackId, namespaceId, moduleId },
    operation: row.operation,
    state: row.state,
    reason: row.reason,
    trigger: row.trigger,
    firstJobId: row.firstJobId,
    applyJobId: row.applyJobId,
    plan: row.plan,
    approval: toApproval(row),
    stateLock: row.stateLock,
    commit: row.commit,
    cancelRequestedAt: row.cancelRequestedAt?.toISOString() ?? null,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

function toApproval(row: RunRow): RunApproval | null {
  if (row.approvalExpiresAt === null) return null;
  return {
    rule: row.approvalRule,
    expiresAt: row.approvalExpiresAt.toISOString(),
    decision: row.decision,
    decidedBy: row.decidedBy,
    decidedAt: row.decidedAt?.toISOString() ?? null,
    comment: row.comment,
  };
}
