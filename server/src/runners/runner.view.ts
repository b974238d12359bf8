import type { InstanceView, RunnerView } from '@dibs/shared';
import type { InstanceRow, RunnerRow } from './runner.sql.js';

export function runnerView(row: RunnerRow): RunnerView {
  return {
    id: row.id,
    name: row.name,
    servicePrincipalId: row.servicePrincipalId,
    allowMultipleInstances: row.allowMultipleInstances,
    isAssignedToAllModules: row.isAssignedToAllModules,
    assignments: row.assignments,
    priority: row.priority,
    disabled: row.disabled,
    createdAt: row.createdAt.toISOString(),
    instances: { online: row.online, draining: row.draining, offline: row.offline },
  };
}

export function instanceView(row: InstanceRow): InstanceView {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    hostName: row.hostName,
    version: row.version,
    slots: row.slots,
    tools: row.tools,
    labels: row.labels,
    jobs: row.jobs,
    connectedAt: row.connectedAt?.toISOString() ?? null,
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    disconnectedAt: row.disconnectedAt?.toISOString() ?? null,
    disconnectReason: row.disconnectReason,
    drainRequested: row.drainRequested,
    drainDeadline: row.drainDeadline?.toISOString() ?? null,
  };
}
