import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ClientCredentials, OrganizationId, RunnerId, ServicePrincipalId } from '@dibs/shared';
import { insertPrincipal, issueSecret, MAIN_SECRET } from '../auth/principals/principal.writer.js';
import { ServicePrincipalEntity } from '../auth/principals/service-principal.entity.js';
import { conflict, notFound } from '../platform/errors.js';
import { uuidv7 } from '../platform/uuid.js';
import { RunnerEntity } from './runner.entity.js';

export interface NewRunner {
  readonly name: string;
  readonly servicePrincipalId?: string;
  readonly allowMultipleInstances?: boolean;
  readonly isAssignedToAllModules?: boolean;
  readonly priority?: number;
  readonly disabled?: boolean;
}

/** A runner record and its service principal belong together: they are made, renamed and removed as one. */
@Injectable()
export class RunnerRegistrar {
  /** @returns credentials null: an existing principal was named, whose secrets are not touched */
  async insert(
    manager: EntityManager,
    organizationId: OrganizationId,
    body: NewRunner,
  ): Promise<{ runner: RunnerEntity; credentials: ClientCredentials | null }> {
    if (body.servicePrincipalId !== undefined) {
      const id = await freePrincipal(manager, organizationId, body.servicePrincipalId);
      return { runner: await insertRunner(manager, organizationId, body, id), credentials: null };
    }
    const principal = await this.insertPrincipal(manager, organizationId, body.name);
    const runner = await insertRunner(manager, organizationId, body, principal.id);
    return { runner, credentials: await issueSecret(manager, principal, MAIN_SECRET) };
  }

  /** A runner without credentials yet. */
  async insertBare(manager: EntityManager, organizationId: OrganizationId, name: string): Promise<RunnerEntity> {
    const principal = await this.insertPrincipal(manager, organizationId, name);
    return insertRunner(manager, organizationId, { name }, principal.id);
  }

  async rename(manager: EntityManager, runner: RunnerEntity, name: string): Promise<void> {
    await manager.update(
      ServicePrincipalEntity,
      { id: runner.servicePrincipalId, name: principalName(runner.name) },
      { name: principalName(name) },
    );
    runner.name = name;
  }

  /** With its instances; and with its principal, unless somebody made that one for more than this runner. */
  async remove(manager: EntityManager, runner: RunnerEntity): Promise<void> {
    await manager.delete(RunnerEntity, { id: runner.id });
    await manager.delete(ServicePrincipalEntity, {
      id: runner.servicePrincipalId,
      name: principalName(runner.name),
    });
  }

  private insertPrincipal(manager: EntityManager, organizationId: OrganizationId, name: string) {
    return insertPrincipal(manager, { organizationId, name: principalName(name), role: null });
  }
}

/** Names that callers choose hold no colon, so this one is the runner's own. */
function principalName(runnerName: string): string {
  return `runner:${runnerName}`;
}

async function freePrincipal(
  manager: EntityManager,
  organizationId: OrganizationId,
  id: string,
): Promise<ServicePrincipalId> {
  const principal = await manager.findOne(ServicePrincipalEntity, {
    where: { organizationId, id: id as ServicePrincipalId },
    lock: { mode: 'pessimistic_write' },
  });
  if (principal === null) throw notFound('service principal');
  const taken = await manager.existsBy(RunnerEntity, { servicePrincipalId: principal.id });
  if (taken) throw conflict('service_principal_in_use', 'Another runner uses this service principal.');
  return principal.id;
}

async function insertRunner(
  manager: EntityManager,
  organizationId: OrganizationId,
  body: NewRunner,
  servicePrincipalId: ServicePrincipalId,
): Promise<RunnerEntity> {
  const id = uuidv7() as RunnerId;
  await manager.insert(RunnerEntity, {
    id,
    organizationId,
    name: body.name,
    servicePrincipalId,
    allowMultipleInstances: body.allowMultipleInstances ?? true,
    isAssignedToAllModules: body.isAssignedToAllModules ?? true,
    priority: body.priority ?? 0,
    disabledAt: body.disabled === true ? new Date() : null,
  });
  return manager.findOneByOrFail(RunnerEntity, { id });
}
