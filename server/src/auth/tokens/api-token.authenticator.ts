import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OrganizationId, Role } from '@dibs/shared';
import { Database } from '../../database/database.js';
import { permissionsOf } from '../../domain/access/permissions.js';
import { RecheckCache } from '../../platform/recheck-cache.js';
import { TIMING_SETTINGS } from '../../platform/settings.js';
import type { TimingSettings } from '../../platform/settings.js';
import type { Caller } from '../caller.js';
import { hashGenerated } from '../credentials/generated-secret.js';

export const API_TOKEN_PREFIX = 'dibs_';

/** API tokens as they stand now, give or take `principalRecheckMs`. */
@Injectable()
export class ApiTokenAuthenticator {
  private readonly logger = new Logger(ApiTokenAuthenticator.name);
  private readonly tokens: RecheckCache<ApiTokenRow>;

  constructor(
    private readonly database: Database,
    @Inject(TIMING_SETTINGS) timing: TimingSettings,
  ) {
    this.tokens = new RecheckCache((hash) => this.load(hash), timing.principalRecheckMs);
  }

  async callerOf(token: string): Promise<Caller | null> {
    const row = await this.tokens.get(hashGenerated(token));
    if (row === null || (row.expiresAt !== null && row.expiresAt.getTime() <= Date.now())) return null;
    return {
      organizationId: row.organizationId as OrganizationId,
      kind: 'apiToken',
      id: row.id,
      name: row.name,
      role: row.role as Role,
      permissions: permissionsOf(row.role as Role),
    };
  }

  /** It was revoked here: do not wait for the recheck. */
  forget(tokenHash: string): void {
    this.tokens.forget(tokenHash);
  }

  private async load(hash: string): Promise<ApiTokenRow | null> {
    const [row] = await this.database.query<ApiTokenRow>(TOKEN_BY_HASH, [hash]);
    if (row === undefined) return null;
    // only for people to see which tokens are in use: a minute is exact enough, and nobody waits for it
    this.database.query(MARK_USED, [row.id]).catch((error: unknown) => {
      this.logger.warn({ err: error, apiTokenId: row.id }, 'could not note the use of an API token');
    });
    return row;
  }
}

interface ApiTokenRow {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly role: string;
  readonly expiresAt: Date | null;
}

const TOKEN_BY_HASH = {
  name: 'api-token-by-hash',
  text: /* sql */ `
    SELECT id, organization_id AS "organizationId", name, role, expires_at AS "expiresAt"
    FROM api_tokens
    WHERE token_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())`,
};

const MARK_USED = {
  name: 'api-token-mark-used',
  text: /* sql */ `
    UPDATE api_tokens SET last_used_at = clock_timestamp()
    WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')`,
};
