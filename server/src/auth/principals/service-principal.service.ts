import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { DataSource, LessThan, Repository } from 'typeorm';
import type { EntityManager } from 'typeorm';
import type {
  OrganizationId,
  Page,
  RunnerId,
  ServicePrincipalCreated,
  ServicePrincipalId,
  ServicePrincipalView,
} from '@dibs/shared';
import { isForeignKeyViolation, isUniqueViolation } from '../../database/database-errors.js';
import { EventBus } from '../../events/event-bus.js';
import { conflict, notFound } from '../../platform/errors.js';
import { decodeCursor, toPage } from '../../platform/page.js';
import type { PageQuery } from '../../platform/page.js';
import { AuditLog, by } from '../audit/audit-log.js';
import type { Caller } from '../caller.js';
import { demandMayGrant } from '../grant.js';
import { PrincipalService } from '../principal.service.js';
import {
  expireSecrets,
  insertPrincipal,
  issueSecret,
  MAIN_SECRET,
  revokeSecrets,
  revokeTokens,
} from './principal.writer.js';
import type { CreateServicePrincipalDto, RotateSecretDto, UpdateServicePrincipalDto } from './service-principal.dto.js';
import { ServicePrincipalEntity } from './service-principal.entity.js';

@Injectable()
export class ServicePrincipalService {
  constructor(
    private readonly dataSource: DataSource,
    @InjectRepository(ServicePrincipalEntity) private readonly rows: Repository<ServicePrincipalEntity>,
    private readonly principals: PrincipalService,
    private readonly audit: AuditLog,
    private readonly events: EventBus,
  ) {}

  async list(organizationId: OrganizationId, query: PageQuery): Promise<Page<ServicePrincipalView>> {
    const before = decodeCursor(query.cursor) as ServicePrincipalId | null;
    const rows = await this.rows.find({
      where: { organizationId, ...(before === null ? {} : { id: LessThan(before) }) },
      order: { id: 'DESC' },
      take: query.limit + 1,
    });
    return toPage(rows, query.limit, (row) => row.id, view);
  }

  async get(organizationId: OrganizationId, id: string): Promise<ServicePrincipalView> {
    const row = await this.rows.findOneBy({ organizationId, id: id as ServicePrincipalId });
    if (row === null) throw notFound('service principal');
    return view(row);
  }

  async create(caller: Caller, body: CreateServicePrincipalDto): Promise<ServicePrincipalCreated> {
    const { organizationId } = caller;
    const role = body.role ?? null;
    demandMayGrant(caller, role);
    try {
      return await this.dataSource.transaction(async (manager) => {
        const row = await insertPrincipal(manager, { organizationId, name: body.name, role });
        const credentials = await issueSecret(manager, row, MAIN_SECRET);
        const data = { name: body.name, role };
        await this.audit.write(manager, { ...by(caller), action: 'service_principal.created', target: row.id, data });
        return { ...view(row), credentials };
      });
    } catch (error) {
      if (isUniqueViolation(error)) throw conflict('name_taken', 'Another service principal has this name.');
      throw error;
    }
  }

  async update(caller: Caller, id: string, body: UpdateServicePrincipalDto): Promise<ServicePrincipalView> {
    const { row, runnerId } = await this.dataSource.transaction(async (manager) => {
      const row = await lock(manager, caller, id);
      demandMayGrant(caller, row.role, body.role ?? null);
      if (body.role !== undefined) row.role = body.role;
      if (body.disabled !== undefined) row.disabledAt = body.disabled ? (row.disabledAt ?? new Date()) : null;
      await manager.save(row);
      if (body.disabled === true) await revokeTokens(manager, row.id);
      const data = { role: body.role, disabled: body.disabled };
      await this.audit.write(manager, { ...by(caller), action: 'service_principal.updated', target: id, data });
      return { row, runnerId: await runnerOf(manager, row.id) };
    });
    this.changed(row.id, body.disabled === true ? runnerId : null);
    return view(row);
  }

  async rotateSecret(caller: Caller, id: string, body: RotateSecretDto): Promise<ServicePrincipalCreated> {
    const overlapSeconds = body.overlapSeconds ?? 0;
    const { row, credentials, runnerId } = await this.dataSource.transaction(async (manager) => {
      const row = await lock(manager, caller, id);
      // whoever learns the secret can act as the principal
      demandMayGrant(caller, row.role);
      if (overlapSeconds === 0) await revokeSecrets(manager, row.id);
      else await expireSecrets(manager, row.id, overlapSeconds);
      const credentials = await issueSecret(manager, row, MAIN_SECRET);
      const data = { overlapSeconds };
      await this.audit.write(manager, { ...by(caller), action: 'service_principal.secret_rotated', target: id, data });
      return { row, credentials, runnerId: await runnerOf(manager, row.id) };
    });
    this.changed(row.id, overlapSeconds === 0 ? runnerId : null);
    return { ...view(row), credentials };
  }

  async delete(caller: Caller, id: string): Promise<void> {
    try {
      await this.dataSource.transaction(async (manager) => {
        const row = await lock(manager, caller, id);
        demandMayGrant(caller, row.role);
        await manager.delete(ServicePrincipalEntity, { id: row.id });
        const data = { name: row.name };
        await this.audit.write(manager, { ...by(caller), action: 'service_principal.deleted', target: id, data });
      });
    } catch (error) {
      if (isForeignKeyViolation(error)) throw conflict('in_use', 'A runner uses this service principal.');
      throw error;
    }
    this.principals.forget(id);
  }

  /** @param revokedRunner its sockets must close */
  private changed(id: ServicePrincipalId, revokedRunner: RunnerId | null): void {
    this.principals.forget(id);
    if (revokedRunner !== null) this.events.publish('runner.revoked', { runnerId: revokedRunner });
  }
}

async function lock(manager: EntityManager, caller: Caller, id: string): Promise<ServicePrincipalEntity> {
  const row = await manager.findOne(ServicePrincipalEntity, {
    where: { organizationId: caller.organizationId, id: id as ServicePrincipalId },
    lock: { mode: 'pessimistic_write' },
  });
  if (row === null) throw notFound('service principal');
  return row;
}

async function runnerOf(manager: EntityManager, id: ServicePrincipalId): Promise<RunnerId | null> {
  const rows: { id: RunnerId }[] = await manager.query('SELECT id FROM runners WHERE service_principal_id = $1', [id]);
  return rows[0]?.id ?? null;
}

function view(row: ServicePrincipalEntity): ServicePrincipalView {
  return {
    id: row.id,
    name: row.name,
    clientId: row.clientId,
    role: row.role,
    disabled: row.disabledAt !== null,
    createdAt: row.createdAt.toISOString(),
  };
}
