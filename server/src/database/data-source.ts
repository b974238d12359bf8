import type { DataSourceOptions } from 'typeorm';
import { ApiTokenEntity } from '../auth/tokens/api-token.entity.js';
import { AuditEventEntity } from '../auth/audit/audit-event.entity.js';
import { ServicePrincipalEntity } from '../auth/principals/service-principal.entity.js';
import { ServicePrincipalSecretEntity } from '../auth/principals/service-principal-secret.entity.js';
import { UserEntity } from '../auth/users/user.entity.js';
import { OrganizationEntity } from '../organizations/organization.entity.js';
import { RunnerEntity } from '../runners/runner.entity.js';
import { Foundation1763683200000 } from './migrations/0001-foundation.js';
import { Dispatch1763769600000 } from './migrations/0002-dispatch.js';
import { Admission1763856000000 } from './migrations/0003-admission.js';
import { Assignments1763942400000 } from './migrations/0004-assignments.js';
import { Pauses1764028800000 } from './migrations/0005-pauses.js';
import { Servers1764115200000 } from './migrations/0006-servers.js';
import { FanOut1764201600000 } from './migrations/0007-fan-out.js';
import { DrainDeadline1764288000000 } from './migrations/0008-drain-deadline.js';
import { Boots1764374400000 } from './migrations/0009-boots.js';
import { GrantedProcess1764460800000 } from './migrations/0010-granted-process.js';
import { LogSteps1764547200000 } from './migrations/0011-log-steps.js';
import { OneRowForAJobsLife1764633600000 } from './migrations/0012-one-row-for-a-jobs-life.js';
import { LogReceipts1764720000000 } from './migrations/0013-log-receipts.js';
import { LogLimit1764806400000 } from './migrations/0014-log-limit.js';
import { AuditFilters1764892800000 } from './migrations/0015-audit-filters.js';
import { Activity1764979200000 } from './migrations/0016-activity.js';
import { LogPartitions1765152000000 } from './migrations/0018-log-partitions.js';
import { Retention1765238400000 } from './migrations/0019-retention.js';
import { LogSignatures1765324800000 } from './migrations/0020-log-signatures.js';
import { LogErrors1765411200000 } from './migrations/0021-log-errors.js';
import { InstanceConnections1765584000000 } from './migrations/0023-instance-connections.js';
import { OperatorPages1765670400000 } from './migrations/0024-operator-pages.js';
import { LogArchive1765843200000 } from './migrations/0026-log-archive.js';
import { LogCompression1765929600000 } from './migrations/0027-log-compression.js';
import { ModuleSettings1766016000000 } from './migrations/0028-module-settings.js';
import { RoleGrants1766102400000 } from './migrations/0029-role-grants.js';
import { ModuleInputs1766188800000 } from './migrations/0030-module-inputs.js';
import { ModuleRuns1766275200000 } from './migrations/0031-module-runs.js';
import { OutputTriggers1766361600000 } from './migrations/0032-output-triggers.js';
import { EngineResults1766448000000 } from './migrations/0033-engine-results.js';
import { ModuleOutputs1766534400000 } from './migrations/0034-module-outputs.js';
import { RunTriggers1766620800000 } from './migrations/0035-run-triggers.js';
import { SourceArchives1766707200000 } from './migrations/0036-source-archives.js';
import { WantedRuns1766793600000 } from './migrations/0037-wanted-runs.js';
import { SourceWatches1766880000000 } from './migrations/0038-source-watches.js';
import { ScopeRuns1766966400000 } from './migrations/0039-scope-runs.js';
import { OrganizationLogLimit1767312000000 } from './migrations/0043-organization-log-limit.js';
import { StageOfAJob1767398400000 } from './migrations/0044-stage-of-a-job.js';
import { OrganizationsOfJobs1767484800000 } from './migrations/0045-organizations-of-jobs.js';

const ENTITIES = [
  OrganizationEntity,
  UserEntity,
  ServicePrincipalEntity,
  ServicePrincipalSecretEntity,
  ApiTokenEntity,
  AuditEventEntity,
  RunnerEntity,
];

/** In order; a migration that was released is never edited. */
const MIGRATIONS = [
  Foundation1763683200000,
  Dispatch1763769600000,
  Admission1763856000000,
  Assignments1763942400000,
  Pauses1764028800000,
  Servers1764115200000,
  FanOut1764201600000,
  DrainDeadline1764288000000,
  Boots1764374400000,
  GrantedProcess1764460800000,
  LogSteps1764547200000,
  OneRowForAJobsLife1764633600000,
  LogReceipts1764720000000,
  LogLimit1764806400000,
  AuditFilters1764892800000,
  Activity1764979200000,
  LogPartitions1765152000000,
  Retention1765238400000,
  LogSignatures1765324800000,
  LogErrors1765411200000,
  InstanceConnections1765584000000,
  OperatorPages1765670400000,
  LogArchive1765843200000,
  LogCompression1765929600000,
  ModuleSettings1766016000000,
  RoleGrants1766102400000,
  ModuleInputs1766188800000,
  ModuleRuns1766275200000,
  OutputTriggers1766361600000,
  EngineResults1766448000000,
  ModuleOutputs1766534400000,
  RunTriggers1766620800000,
  SourceArchives1766707200000,
  WantedRuns1766793600000,
  SourceWatches1766880000000,
  ScopeRuns1766966400000,
  OrganizationLogLimit1767312000000,
  StageOfAJob1767398400000,
  OrganizationsOfJobs1767484800000,
];

/** No statement of a request takes longer than this on a healthy database. */
const STATEMENT_TIMEOUT_MS = 30_000;

/**
 * PostgreSQL prices a random page as on a turning disk. With that, a statement that was prepared on young tables keeps
 * scanning them from end to end until autovacuum has looked at them: 187 scans of job_attempts in a burst, against 7.
 */
const PLANNER_OPTIONS = [
  'random_page_cost=1.1',
  // a plan made for ten rows must still be good for a million: only an index lookup for each row is
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'jit=off',
  // and so it is made once for each connection, not for each call
  'plan_cache_mode=force_generic_plan',
]
  .map((option) => `-c ${option}`)
  .join(' ');

/** The pool of a running server. Times here guard against a hanging database and are no leases: TIME_SCALE spares them. */
export function dataSourceOptions(
  url: string,
  poolSize: number,
  onPoolError: (error: unknown) => void,
): DataSourceOptions {
  return {
    ...common(url),
    poolSize,
    connectTimeoutMS: 5_000,
    // an idle connection that breaks (restart, failover) is only news; the pool opens another one
    poolErrorHandler: onPoolError,
    extra: {
      statement_timeout: STATEMENT_TIMEOUT_MS,
      // later than the server's own limit: it ends a client whose backend does not answer at all
      query_timeout: STATEMENT_TIMEOUT_MS + 5_000,
      idle_in_transaction_session_timeout: 60_000,
      keepAlive: true,
      options: PLANNER_OPTIONS,
    },
  };
}

/** One connection without time limits: migrations, and waiting for another server's, may take long. */
export function migrationOptions(url: string): DataSourceOptions {
  return { ...common(url), poolSize: 1, connectTimeoutMS: 10_000, migrations: MIGRATIONS };
}

function common(url: string) {
  return {
    type: 'postgres' as const,
    url,
    entities: ENTITIES,
    synchronize: false,
    logging: false,
    parseInt8: true,
    applicationName: 'dibs-server',
  };
}
