import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import type { RunnerCreated } from '@dibs/shared';
import { AuditLog, by } from '../auth/audit/audit-log.js';
import type { Caller } from '../auth/caller.js';
import { demandMayGrant } from '../auth/grant.js';
import { PrincipalService } from '../auth/principal.service.js';
import { issueSecret } from '../auth/principals/principal.writer.js';
import { ServicePrincipalEntity } from '../auth/principals/service-principal.entity.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { EventBus } from '../events/event-bus.js';
import { conflict } from '../platform/errors.js';
import type { RegisterRunnerDto } from './dto/register-runner.dto.js';
import type { RunnerEntity } from './runner.entity.js';
import { RunnerRegistrar } from './runner.registrar.js';
import { RunnerService } from './runner.service.js';
import { RunnerRepository } from './runner.repository.js';

/**
 * Runner processes that bring an API key instead of credentials: the record is made by the first of them and found by
 * the others, and each instance gets a secret of its own. Registering an instance again (its pod was replaced)
 * replaces its secret only, so the other instances keep theirs.
 */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly repository: RunnerRepository,
    private readonly registrar: RunnerRegistrar,
    private readonly runners: RunnerService,
    private readonly principals: PrincipalService,
    private readonly audit: AuditLog,
    private readonly events: EventBus,
  ) {}

  async register(caller: Caller, body: RegisterRunnerDto): Promise<RunnerCreated> {
    const { runner, credentials } = await this.inTransaction(caller, body);
    this.principals.forget(runner.servicePrincipalId);
    this.events.publish('runner.changed', { organizationId: caller.organizationId, runnerId: runner.id });
    return { ...(await this.runners.get(caller.organizationId, runner.id)), credentials };
  }

  private async inTransaction(caller: Caller, body: RegisterRunnerDto) {
    const work = () => this.dataSource.transaction((manager) => this.issue(manager, caller, body));
    try {
      return await work();
    } catch (error) {
      // two instances came at the same moment and the other one made the record: now it can be found
      if (isUniqueViolation(error)) return work();
      throw error;
    }
  }

  private async issue(manager: EntityManager, caller: Caller, body: RegisterRunnerDto) {
    const { organizationId } = caller;
    const found = await this.repository.lockByName(manager, organizationId, body.name);
    const runner: RunnerEntity = found ?? (await this.registrar.insertBare(manager, organizationId, body.name));
    if (runner.disabledAt !== null) throw conflict('runner_disabled', 'This runner is disabled.');
    const principal = await manager.findOneByOrFail(ServicePrincipalEntity, { id: runner.servicePrincipalId });
    // somebody may have given the runner a principal that can do more than connect
    demandMayGrant(caller, principal.role);
    const credentials = await issueSecret(manager, principal, `instance:${body.instance}`);
    const data = { name: runner.name, instance: body.instance, created: found === null };
    await this.audit.write(manager, { ...by(caller), action: 'runner.registered', target: runner.id, data });
    return { runner, credentials };
  }
}
