import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ASSIGNMENT_KINDS } from '@dibs/shared';
import type { AssignmentKind, AssignmentView, RunnerAssignments } from '@dibs/shared';
import { AuditLog, by } from '../auth/audit/audit-log.js';
import type { Caller } from '../auth/caller.js';
import { EventBus } from '../events/event-bus.js';
import { badRequest, conflict, notFound } from '../platform/errors.js';
import { uuidv7 } from '../platform/uuid.js';
import { AssignmentRepository, type AssignmentRow } from './assignment.repository.js';
import type { CreateAssignmentDto } from './dto/assignments.dto.js';
import { RunnerRepository } from './runner.repository.js';
import { RunnerService } from './runner.service.js';

/** They travel to every server whole, and a runner with more of them is meant for everything. */
const MAX_PER_RUNNER = 1_000;

/** Which parts of the hierarchy a runner record is there for. Live sessions hear of every change at once. */
@Injectable()
export class AssignmentService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly assignments: AssignmentRepository,
    private readonly runners: RunnerRepository,
    private readonly runnerService: RunnerService,
    private readonly audit: AuditLog,
    private readonly events: EventBus,
  ) {}

  async list({ organizationId }: Caller, runnerId: string): Promise<RunnerAssignments> {
    const { isAssignedToAllModules } = await this.runnerService.get(organizationId, runnerId);
    const rows = await this.assignments.list(organizationId, runnerId);
    return { isAssignedToAllModules, items: rows.map(assignmentView) };
  }

  async assignToEverything(caller: Caller, runnerId: string, everything: boolean): Promise<RunnerAssignments> {
    await this.runnerService.update(caller, runnerId, { isAssignedToAllModules: everything });
    return this.list(caller, runnerId);
  }

  /** The same assignment again is the same assignment. @throws AppError 404 for a target that is not there, or foreign */
  async create(caller: Caller, runnerId: string, body: CreateAssignmentDto): Promise<AssignmentView> {
    const { organizationId } = caller;
    const target = targetOf(body);
    const made = await this.dataSource.transaction(async (manager) => {
      const runner = await this.runners.lock(manager, organizationId, runnerId);
      if (runner === null) throw notFound('runner');
      const wanted = { id: uuidv7(), organizationId, runnerId: runner.id, ...target };
      const made = await this.assignments.ensure(manager, wanted);
      if (made === null) throw notFound('stack, namespace or module');
      if (!made.created) return { id: made.id, changed: null };
      if ((await this.assignments.count(manager, runner.id)) > MAX_PER_RUNNER) {
        throw conflict('too_many_assignments', `A runner has at most ${MAX_PER_RUNNER} assignments.`);
      }
      const data = { name: runner.name, ...target };
      await this.audit.write(manager, { ...by(caller), action: 'runner.assigned', target: runner.id, data });
      return { id: made.id, changed: runner.id };
    });
    if (made.changed !== null) this.events.publish('runner.changed', { organizationId, runnerId: made.changed });
    const row = (await this.assignments.list(organizationId, runnerId)).find(({ id }) => id === made.id);
    if (row === undefined) throw notFound('assignment of this runner');
    return assignmentView(row);
  }

  async delete(caller: Caller, runnerId: string, id: string): Promise<void> {
    const { organizationId } = caller;
    const runner = await this.dataSource.transaction(async (manager) => {
      const runner = await this.runners.lock(manager, organizationId, runnerId);
      if (runner === null) throw notFound('runner');
      const deleted = await this.assignments.delete(manager, organizationId, runner.id, id);
      if (!deleted) throw notFound('assignment of this runner');
      const data = { name: runner.name, assignment: id };
      await this.audit.write(manager, { ...by(caller), action: 'runner.unassigned', target: runner.id, data });
      return runner;
    });
    this.events.publish('runner.changed', { organizationId, runnerId: runner.id });
  }
}

function targetOf(body: CreateAssignmentDto): { kind: AssignmentKind; targetId: string } {
  const targets = ASSIGNMENT_KINDS.flatMap((kind) => {
    const targetId = body[`${kind}Id`];
    return targetId === undefined ? [] : [{ kind, targetId: targetId.toLowerCase() }];
  });
  const [only] = targets;
  if (only !== undefined && targets.length === 1) return only;
  throw badRequest('invalid_assignment', 'Exactly one of stackId, namespaceId and moduleId must be given.');
}

function assignmentView({ createdAt, ...row }: AssignmentRow): AssignmentView {
  return { ...row, createdAt: createdAt.toISOString() };
}
