import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AuditAction, OrganizationId } from '@dibs/shared';
import { Database, type Queryable } from '../../database/database.js';
import { Coalescer } from '../../platform/coalescer.js';
import type { Caller } from '../caller.js';

export interface AuditActor {
  readonly organizationId: OrganizationId;
  readonly actorKind: 'user' | 'servicePrincipal' | 'apiToken' | 'system';
  readonly actorId: string;
}

/** A security-relevant success. `target` is an id; `data` never holds a secret. */
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

  /** The same in a transaction of `Database`. */
  async writeIn(tx: Queryable, entry: AuditEntry): Promise<void> {
    await tx.query(APPEND, columns([entry]));
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
