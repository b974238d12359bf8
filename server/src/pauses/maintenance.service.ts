import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { MaintenanceView } from '@dibs/shared';
import { AuditLog, by } from '../auth/audit/audit-log.js';
import type { Caller } from '../auth/caller.js';
import { PauseBook } from '../dispatch/pause-book.js';
import { EventBus } from '../events/event-bus.js';
import { OrganizationEntity } from '../organizations/organization.entity.js';
import { conflict, forbidden, notFound } from '../platform/errors.js';
import { uuidv7 } from '../platform/uuid.js';
import { PauseRepository } from './pause.repository.js';
import { PauseWatch } from './pause-watch.js';

/**
 * Holds everything back, for every organization. The installation belongs to whoever set it up, and that is the owner
 * of the organization that the server makes at its first start: no other tenant may stop its neighbours.
 */
@Injectable()
export class MaintenanceService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pauses: PauseRepository,
    private readonly watch: PauseWatch,
    private readonly book: PauseBook,
    private readonly audit: AuditLog,
    private readonly bus: EventBus,
  ) {}

  /** Who began it is the operator's business; why, and since when, is everybody's whose jobs wait. */
  async view(caller: Caller): Promise<MaintenanceView> {
    const held = this.book.holdsEverything;
    return {
      maintenance: held === null ? null : { note: held.note, since: held.since.toISOString() },
      mayControl: await this.isOperator(caller),
    };
  }

  async start(caller: Caller, note: string): Promise<MaintenanceView> {
    await this.assertOperator(caller);
    const { organizationId, name: who } = caller;
    await this.dataSource.transaction(async (manager) => {
      const pause = { id: uuidv7(), organizationId, kind: 'server', targetId: '', note, who } as const;
      const row = await this.pauses.insert(manager, pause);
      if (row === null) throw conflict('already_paused', 'Maintenance has begun already.');
      await this.audit.write(manager, { ...by(caller), action: 'maintenance.started', target: row.id, data: { note } });
    });
    return this.told(caller);
  }

  async end(caller: Caller): Promise<MaintenanceView> {
    await this.assertOperator(caller);
    await this.dataSource.transaction(async (manager) => {
      const row = await this.pauses.endMaintenance(manager, caller.name);
      if (row === null) throw notFound('maintenance');
      await this.audit.write(manager, { ...by(caller), action: 'maintenance.ended', target: row.id });
    });
    return this.told(caller);
  }

  private async told(caller: Caller): Promise<MaintenanceView> {
    this.bus.publish('pauses.changed', {});
    await this.watch.refresh();
    return this.view(caller);
  }

  private async assertOperator(caller: Caller): Promise<void> {
    if (await this.isOperator(caller)) return;
    throw forbidden('Only owners of the organization that operates this installation may do that.');
  }

  private async isOperator({ role, organizationId }: Caller): Promise<boolean> {
    if (role !== 'owner') return false;
    return this.dataSource.manager.existsBy(OrganizationEntity, { id: organizationId, isDefault: true });
  }
}
