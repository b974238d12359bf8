import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { OrganizationId } from '@dibs/shared';
import { Database } from '../../database/database.js';
import { Coalescer } from '../../platform/coalescer.js';
import type { Caller } from '../caller.js';

/** Every security-relevant success. Targets are ids; `data` never holds a secret. */
export type AuditAction =
  | 'token.issued'
  | 'session.created'
  | 'session.ended'
  | 'organization.updated'
  | 'user.created'
  | 'user.updated'
  | 'service_principal.created'
  | 'service_principal.updated'
  | 'service_principal.deleted'
  | 'service_principal.secret_rotated'
  | 'api_token.created'
  | 'api_token.revoked'
  | 'runner.created'
  | 'runner.registered'
  | 'runner.updated'
  | 'runner.deleted'
  | 'runner.assigned'
  | 'runner.unassigned'
  | 'runner.drain_requested'
  | 'runner.drain_ended'
  | 'pause.created'
  | 'pause.ended'
  | 'maintenance.started'
  | 'maintenance.ended';

export interface AuditActor {
  readonly organizationId: OrganizationId;
  readonly actorKind: 'user' | 'servicePrincipal' | 'apiToken' | 'system';
  readonly actorId: string;
}

export interface AuditEntry extends AuditActor {
  readonly action: AuditAction;
  readonly target: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export function by(caller: Caller): AuditActor {
  return { organizationId: caller.organizationId, actorKind: caller.kind, actorId: caller.id };
}

/** Who did what. A change and its entry share one transaction: there is not one without the other. */
@Injectable()
export class AuditLog {
  private readonly entries: Coalescer<AuditEntry, undefined>;

  constructor(database: Database) {
    this.entries = new Coalescer(async (batch) => {
      await database.query(APPEND, columns(batch));
      return batch.map(() => undefined);
    });
  }

  /** In the transaction of the change it tells of. */
  async write(manager: EntityManager, entry: AuditEntry): Promise<void> {
    await manager.query(APPEND.text, columns([entry]));
  }

  /** For successes that change nothing else. Many at a time share a statement; resolves after COMMIT. */
  async record(entry: AuditEntry): Promise<void> {
    await this.entries.add(entry);
  }
}

const APPEND = {
  name: 'audit-append',
  text: /* sql */ `
    INSERT INTO audit_events (organization_id, actor_kind, actor_id, action, target, data)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[])`,
};

function columns(entries: readonly AuditEntry[]): unknown[][] {
  return [
    entries.map((entry) => entry.organizationId),
    entries.map((entry) => entry.actorKind),
    entries.map((entry) => entry.actorId),
    entries.map((entry) => entry.action),
    entries.map((entry) => entry.target),
    entries.map((entry) => JSON.stringify(entry.data ?? {})),
  ];
}
