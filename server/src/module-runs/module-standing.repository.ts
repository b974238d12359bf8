import { Injectable } from '@nestjs/common';
import type { OrganizationId } from '@dibs/shared';
import { Database, type Queryable, type Statement } from '../database/database.js';

/** $3 digest of its definition */
const BEGUN: Statement = {
  name: 'module-standing.begun',
  text: /* sql */ `
    INSERT INTO module_standings (organization_id, module_id, definition) VALUES ($1, $2, $3)
    ON CONFLICT (organization_id, module_id) DO UPDATE SET definition = EXCLUDED.definition
    RETURNING module_id`,
};

/**
 * $3 whether it is deployed now. What was not looked at while it was not, because nothing is triggered then, is looked at
 * after the change.
 */
const DEPLOYED: Statement = {
  name: 'module-standing.deployed',
  text: /* sql */ `
    WITH standing AS (
      INSERT INTO module_standings AS s (organization_id, module_id, is_deployed) VALUES ($1, $2, $3)
      ON CONFLICT (organization_id, module_id) DO UPDATE SET is_deployed = EXCLUDED.is_deployed
        WHERE s.is_deployed <> EXCLUDED.is_deployed
      RETURNING organization_id, module_id
    )
    INSERT INTO changed_definitions AS c (organization_id, node_id) SELECT organization_id, module_id FROM standing
    ON CONFLICT (organization_id, node_id) DO UPDATE
      SET version = c.version + 1, changed_at = clock_timestamp(), claimed_until = NULL
    RETURNING node_id`,
};

const FIND: Statement = {
  name: 'module-standing.find',
  text: /* sql */ `
    SELECT is_deployed AS "isDeployed", definition FROM module_standings WHERE organization_id = $1 AND module_id = $2`,
};

export interface ModuleStanding {
  /** Applied, and not destroyed since. */
  readonly isDeployed: boolean;
  /** Digest of what counted when the last run of apply began; null: not known. */
  readonly definition: string | null;
}

const NEVER_RUN: ModuleStanding = { isDeployed: false, definition: null };

/** What is left of the runs of a module when retention has removed them. */
@Injectable()
export class ModuleStandingRepository {
  constructor(private readonly database: Database) {}

  async find(organizationId: OrganizationId, moduleId: string): Promise<ModuleStanding> {
    const [row] = await this.database.query<ModuleStanding>(FIND, [organizationId, moduleId]);
    return row ?? NEVER_RUN;
  }

  /** A run of apply begins. */
  async begun(tx: Queryable, organizationId: OrganizationId, moduleId: string, definition: string): Promise<void> {
    await tx.query(BEGUN, [organizationId, moduleId, definition]);
  }

  async deployed(tx: Queryable, organizationId: OrganizationId, moduleId: string, isDeployed: boolean): Promise<void> {
    await tx.query(DEPLOYED, [organizationId, moduleId, isDeployed]);
  }
}
