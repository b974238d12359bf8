import { Injectable } from '@nestjs/common';
import type { RunTrigger } from '@dibs/shared';
import { AuditLog, type AuditActor } from '../auth/audit/audit-log.js';
import { Database, type Queryable } from '../database/database.js';
import { RUN_BEGINNINGS } from '../domain/modules/run-state-machine.js';
import { EventBus } from '../events/event-bus.js';
import { JobSubmissionService } from '../jobs/job-submission.service.js';
import { JobRepository } from '../jobs/job.repository.js';
import { notFound } from '../platform/errors.js';
import { uuidv7 } from '../platform/uuid.js';
import { DefinitionDigest } from './definition-digest.js';
import { ModuleJobMaker, type RunRequest } from './module-job-maker.js';
import { ModuleRunRepository, type NewRun, type RunKey } from './module-run.repository.js';
import { ModuleStandingRepository } from './module-standing.repository.js';

export interface RunBeginner {
  readonly actor: AuditActor;
  /** As people see it. */
  readonly name: string;
  readonly trigger: RunTrigger;
}

/** Begins runs: with their first job, both or none. */
@Injectable()
export class ModuleRunStarter {
  constructor(
    private readonly database: Database,
    private readonly runs: ModuleRunRepository,
    private readonly maker: ModuleJobMaker,
    private readonly submission: JobSubmissionService,
    private readonly jobs: JobRepository,
    private readonly audit: AuditLog,
    private readonly standings: ModuleStandingRepository,
    private readonly digest: DefinitionDigest,
    private readonly bus: EventBus,
  ) {}

  /**
   * @param inTransaction what goes with it, all or nothing; what it throws keeps the run from beginning
   * @throws AppError 404, or 422 that says what the module lacks for it
   */
  async begin(
    { actor, name, trigger }: RunBeginner,
    moduleId: string,
    request: RunRequest,
    inTransaction: (tx: Queryable, runId: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<RunKey> {
    const { organizationId } = actor;
    const { operation, lockId } = request;
    const made = await this.maker.make(organizationId, moduleId, request);
    const job = this.submission.prepare({ organizationId, name }, made.spec, made.secrets);
    const { state } = RUN_BEGINNINGS[operation];
    const run: NewRun = {
      ...{ organizationId, moduleId, id: uuidv7(), operation, state, trigger, createdBy: name },
      ...{ firstJobId: job.id, hooks: made.hooks, approval: made.approval },
    };
    await this.database.transaction(async (tx) => {
      if (!(await this.runs.insert(tx, run))) throw notFound('module');
      await this.jobs.insertIn(tx, [job]);
      if (operation === 'apply') {
        await this.standings.begun(tx, organizationId, moduleId, this.digest.of(made.module));
      }
      const data = { name: made.module.path, operation, moduleId, ...(lockId === null ? {} : { lockId }) };
      await this.audit.writeIn(tx, { ...actor, action: 'module_run.started', target: run.id, data });
      await inTransaction(tx, run.id);
    });
    this.submission.announce(job);
    this.bus.publish('module_run.changed', { organizationId, moduleId, runId: run.id });
    return { organizationId, id: run.id };
  }
}
