import type { AuditFilter } from './audit';
import type { JobFilter } from './jobs';
import type { LogsFilter } from './log-search';

/** Names of everything cached, so that hints can say what is stale. */
export const keys = {
  session: ['session'] as const,
  overview: ['overview'] as const,
  jobs: ['jobs'] as const,
  jobList: (filter: JobFilter) => ['jobs', 'list', filter] as const,
  jobLists: ['jobs', 'list'] as const,
  jobViews: ['job-views'] as const,
  whatIf: (body: unknown) => ['what-if', body] as const,
  job: (jobId: string) => ['jobs', 'one', jobId] as const,
  /** Below the job: whatever makes the job be read again makes this be read again. */
  explanation: (jobId: string) => ['jobs', 'one', jobId, 'explain'] as const,
  /** Below the job, for the same reason. */
  children: (jobId: string, roll: unknown) => ['jobs', 'one', jobId, 'children', roll] as const,
  logTail: (jobId: string) => ['log-tails', jobId] as const,
  /** Not below the job: it is made once, when the attempt has ended. */
  logReceipt: (jobId: string, attempt: number) => ['log-receipts', jobId, attempt] as const,
  logsSearch: (filter: LogsFilter) => ['logs-search', filter] as const,
  firstError: (jobId: string) => ['first-error', jobId] as const,
  jobsWithError: (fingerprint: string) => ['first-error', 'jobs', fingerprint] as const,
  pauses: ['pauses'] as const,
  pauseList: ['pauses', 'list'] as const,
  maintenance: ['pauses', 'maintenance'] as const,
  /** Whatever is done to one of these is also in the audit trail. */
  access: ['access'] as const,
  users: ['access', 'users'] as const,
  principals: ['access', 'principals'] as const,
  apiTokens: ['access', 'tokens'] as const,
  audit: (filter: AuditFilter) => ['access', 'audit', filter] as const,
  organization: ['access', 'organization'] as const,
  retention: ['access', 'retention'] as const,
  /** Stacks, namespaces and modules: a change of one may count for all inside it. */
  hierarchy: ['hierarchy'] as const,
  nodeLists: ['hierarchy', 'nodes'] as const,
  nodes: (kind: string, parentId: string | null) => ['hierarchy', 'nodes', kind, parentId] as const,
  node: (kind: string, id: string) => ['hierarchy', 'one', kind, id] as const,
  effective: (kind: string, id: string) => ['hierarchy', 'effective', kind, id] as const,
  organizationSettings: ['hierarchy', 'organization'] as const,
  roleGrants: (kind: string, id: string) => ['hierarchy', 'role-grants', kind, id] as const,
  definition: (kind: string, id: string) => ['hierarchy', 'definition', kind, id] as const,
  sourceWatch: (moduleId: string) => ['hierarchy', 'source-watch', moduleId] as const,
  moduleGraph: (kind: string, id: string) => ['hierarchy', 'graph', kind, id] as const,
  moduleRuns: ['module-runs'] as const,
  moduleRunList: (moduleId: string) => ['module-runs', 'list', moduleId] as const,
  moduleRun: (runId: string) => ['module-runs', 'one', runId] as const,
  /** Below the runs: whatever makes them be read again makes these be read again, too. */
  moduleOutputs: (moduleId: string) => ['module-runs', 'outputs', moduleId] as const,
  outputVersions: (moduleId: string) => ['module-runs', 'output-versions', moduleId] as const,
  /** Below the runs of modules, of which they are made. */
  scopeRunList: (kind: string, id: string) => ['module-runs', 'scope-list', kind, id] as const,
  scopeRun: (runId: string) => ['module-runs', 'scope', runId] as const,
  runners: ['runners'] as const,
  runnerList: ['runners', 'list'] as const,
  assignments: (runnerId: string) => ['runners', 'assignments', runnerId] as const,
  instances: (runnerId: string) => ['runners', 'instances', runnerId] as const,
  connections: (runnerId: string, instance: string) => ['runners', 'connections', runnerId, instance] as const,
};
