import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CreatePauseBody, Page, PauseTargetType, PauseView, RunnerId } from '@dibs/shared';
import { AuditLog, by } from '../auth/audit/audit-log.js';
import type { Caller } from '../auth/caller.js';
import { EventBus } from '../events/event-bus.js';
import { conflict, forbidden, notFound } from '../platform/errors.js';
import { UUID, decodeCursor, toPage, type PageQuery } from '../platform/page.js';
import { uuidv7 } from '../platform/uuid.js';
import { PauseRepository, type PauseRow } from './pause.repository.js';
import { PauseWatch } from './pause-watch.js';

/** The pauses of an organization: of its runners, of lanes, and of itself. */
@Injectable()
export class PauseService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pauses: PauseRepository,
    private readonly watch: PauseWatch,
    private readonly audit: AuditLog,
    private readonly bus: EventBus,
  ) {}

  async list({ organizationId }: Caller, query: PageQuery): Promise<Page<PauseView>> {
    const rows = await this.pauses.list(organizationId, decodeCursor(query.cursor), query.limit + 1);
    return toPage(rows, query.limit, (row) => row.id, pauseView);
  }

  /** @throws AppError 404 for what is not the organization's, 409 when it is paused already */
  async create(caller: Caller, { target, note }: CreatePauseBody): Promise<PauseView> {
    assertMayPause(caller, target.type);
    const { organizationId, name: who } = caller;
    const targetId = targetIdOf(target);
    const row = await this.dataSource.transaction(async (manager) => {
      const known = {
        runner: () => this.pauses.hasRunner(manager, organizationId, targetId),
        organization: () => Promise.resolve(targetId === organizationId),
        lane: () => Promise.resolve(true),
      };
      if (!(await known[target.type]())) throw notFound(target.type);
      const pause = { id: uuidv7(), organizationId, kind: target.type, targetId, note, who };
      const row = await this.pauses.insert(manager, pause);
      if (row === null) throw conflict('already_paused', `This ${target.type} is paused already.`);
      const data = { targetType: target.type, target: targetId, note };
      await this.audit.write(manager, { ...by(caller), action: 'pause.created', target: row.id, data });
      return row;
    });
    await this.tell(row);
    return pauseView(row);
  }

  /** @throws AppError 404 also when somebody else has lifted it meanwhile */
  async end(caller: Caller, id: string): Promise<void> {
    const { organizationId, name: who } = caller;
    const found = await this.pauses.find(organizationId, id);
    if (found === null) throw notFound('pause');
    assertMayPause(caller, found.kind);
    const row = await this.dataSource.transaction(async (manager) => {
      const row = await this.pauses.end(manager, organizationId, id, who);
      if (row === null) throw notFound('pause');
      const data = { targetType: row.kind, target: row.targetId };
      await this.audit.write(manager, { ...by(caller), action: 'pause.ended', target: row.id, data });
      return row;
    });
    await this.tell(row);
  }

  private async tell({ organizationId, kind, targetId }: PauseRow): Promise<void> {
    this.bus.publish('pauses.changed', {});
    if (kind === 'runner') this.bus.publish('runner.changed', { organizationId, runnerId: targetId as RunnerId });
    // so that the answer means: it holds, on this server at once
    await this.watch.refresh();
  }
}

/** Operators hold back a runner or a lane; the whole organization only those who manage it. */
function assertMayPause({ permissions }: Caller, type: PauseRow['kind']): void {
  if (type === 'organization' && !permissions.includes('runners:manage')) {
    throw forbidden('Only administrators and owners may pause the organization.');
  }
}

/** A fingerprint names what jobs demand, not a thing with an owner: a foreign one holds nothing back. */
function targetIdOf({ type, id }: { readonly type: PauseTargetType; readonly id: string }): string {
  if (type === 'lane') {
    if (!LANE.test(id)) throw notFound('lane');
    return id;
  }
  if (!UUID.test(id)) throw notFound(type);
  return id.toLowerCase();
}

const LANE = /^[A-Za-z0-9_-]{32}$/;

function pauseView({ id, kind, targetId, note, who, since }: PauseRow): PauseView {
  return { id, target: { type: kind as PauseTargetType, id: targetId }, note, who, since: since.toISOString() };
}
