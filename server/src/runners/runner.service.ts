import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AuditAction, InstanceView, OrganizationId, Page, RunnerCreated, RunnerView } from '@dibs/shared';
import { AuditLog, by } from '../auth/audit/audit-log.js';
import type { Caller } from '../auth/caller.js';
import { PrincipalService } from '../auth/principal.service.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { EventBus } from '../events/event-bus.js';
import { conflict, notFound } from '../platform/errors.js';
import { decodeCursor, toPage } from '../platform/page.js';
import type { PageQuery } from '../platform/page.js';
import type { CreateRunnerDto, UpdateRunnerDto } from './dto/create-runner.dto.js';
import type { RunnerEntity } from './runner.entity.js';
import { RunnerRegistrar } from './runner.registrar.js';
import { RunnerRepository, type DrainRequest } from './runner.repository.js';
import { instanceView, runnerView } from './runner.view.js';

const INSTANCE_NAME = /^[^\p{C}]{1,255}$/u;

/** Runner records and what is known of their instances. */
@Injectable()
export class RunnerService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly runners: RunnerRepository,
    private readonly registrar: RunnerRegistrar,
    private readonly principals: PrincipalService,
    private readonly audit: AuditLog,
    private readonly events: EventBus,
  ) {}

  async list(organizationId: OrganizationId, query: PageQuery): Promise<Page<RunnerView>> {
    const rows = await this.runners.list(organizationId, decodeCursor(query.cursor), query.limit + 1);
    return toPage(rows, query.limit, (row) => row.id, runnerView);
  }

  async get(organizationId: OrganizationId, id: string): Promise<RunnerView> {
    const row = await this.runners.get(organizationId, id);
    if (row === null) throw notFound('runner');
    return runnerView(row);
  }

  async instances(organizationId: OrganizationId, id: string, query: PageQuery): Promise<Page<InstanceView>> {
    await this.get(organizationId, id);
    const after = decodeCursor(query.cursor, INSTANCE_NAME);
    const rows = await this.runners.instances(organizationId, id, after, query.limit + 1);
    return toPage(rows, query.limit, (row) => row.name, instanceView);
  }

  async create(caller: Caller, body: CreateRunnerDto): Promise<RunnerCreated> {
    const { runner, credentials } = await orNameTaken(
      this.dataSource.transaction(async (manager) => {
        const created = await this.registrar.insert(manager, caller.organizationId, body);
        await this.audit.write(manager, entry(caller, 'runner.created', created.runner));
        return created;
      }),
    );
    this.principals.forget(runner.servicePrincipalId);
    this.changed(runner);
    const view = await this.get(caller.organizationId, runner.id);
    return credentials === null ? view : { ...view, credentials };
  }

  async update(caller: Caller, id: string, body: UpdateRunnerDto): Promise<RunnerView> {
    const runner = await orNameTaken(
      this.dataSource.transaction(async (manager) => {
        const runner = await this.runners.lock(manager, caller.organizationId, id);
        if (runner === null) throw notFound('runner');
        if (body.name !== undefined) await this.registrar.rename(manager, runner, body.name);
        if (body.allowMultipleInstances !== undefined) runner.allowMultipleInstances = body.allowMultipleInstances;
        if (body.isAssignedToAllModules !== undefined) runner.isAssignedToAllModules = body.isAssignedToAllModules;
        if (body.priority !== undefined) runner.priority = body.priority;
        if (body.disabled !== undefined) runner.disabledAt = body.disabled ? (runner.disabledAt ?? new Date()) : null;
        await manager.save(runner);
        await this.audit.write(manager, entry(caller, 'runner.updated', runner, { ...body }));
        return runner;
      }),
    );
    this.principals.forget(runner.servicePrincipalId);
    if (body.disabled === true) this.events.publish('runner.revoked', { runnerId: runner.id });
    this.changed(runner);
    return this.get(caller.organizationId, id);
  }

  /** Not while it works on something: whoever wants that disables it first and lets the leases end. */
  async delete(caller: Caller, id: string): Promise<void> {
    const runner = await this.dataSource.transaction(async (manager) => {
      const runner = await this.runners.lock(manager, caller.organizationId, id);
      if (runner === null) throw notFound('runner');
      if (await this.runners.holdsAttempts(manager, runner.id)) {
        throw conflict('runner_busy', 'The runner still holds jobs. Drain or disable it and try again.');
      }
      await this.registrar.remove(manager, runner);
      await this.audit.write(manager, entry(caller, 'runner.deleted', runner));
      return runner;
    });
    this.principals.forget(runner.servicePrincipalId);
    this.events.publish('runner.revoked', { runnerId: runner.id });
    this.changed(runner);
  }

  /** Lets the instance finish what it has and take no more, until its process restarts; or takes that back. */
  async drain(caller: Caller, id: string, instance: string, request: DrainRequest): Promise<InstanceView> {
    const [view] = await this.requestDrain(caller, id, instance, request);
    if (view === undefined) throw notFound('instance of this runner');
    return view;
  }

  /** The same for every instance there is now; those that come later are not meant. */
  drainAll(caller: Caller, id: string, request: DrainRequest): Promise<InstanceView[]> {
    return this.requestDrain(caller, id, null, request);
  }

  /** It is stored, so that an instance that is offline or connected to another server learns it by its renewals. */
  private async requestDrain(
    caller: Caller,
    id: string,
    instance: string | null,
    request: DrainRequest,
  ): Promise<InstanceView[]> {
    const { organizationId } = caller;
    const { runner, rows } = await this.dataSource.transaction(async (manager) => {
      const runner = await this.runners.lock(manager, organizationId, id);
      if (runner === null) throw notFound('runner');
      const rows = await this.runners.requestDrain(manager, organizationId, id, instance, request);
      if (instance !== null && rows.length === 0) throw notFound('instance of this runner');
      const action = request.wanted ? 'runner.drain_requested' : 'runner.drain_ended';
      const { deadlineSeconds = null } = request;
      await this.audit.write(manager, entry(caller, action, runner, { instance, deadlineSeconds }));
      return { runner, rows };
    });
    if (request.wanted) for (const { id } of rows) this.events.publish('instance.drain-requested', { instanceId: id });
    this.changed(runner);
    return rows.map(instanceView);
  }

  private changed(runner: RunnerEntity): void {
    this.events.publish('runner.changed', { organizationId: runner.organizationId, runnerId: runner.id });
  }
}

function entry(caller: Caller, action: AuditAction, runner: RunnerEntity, data: Record<string, unknown> = {}) {
  return { ...by(caller), action, target: runner.id, data: { name: runner.name, ...data } };
}

async function orNameTaken<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isUniqueViolation(error)) throw conflict('name_taken', 'Another runner has this name.');
    throw error;
  }
}
