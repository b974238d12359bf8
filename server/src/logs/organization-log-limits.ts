import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { LOG_SETTINGS, type LogSettings } from '../platform/settings.js';

const MIB = 1024 * 1024;
/** So long a change may take to count, on each server. */
const REFRESH_MS = 5_000;

const READ_LIMITS: Statement = {
  name: 'organization-log-limits',
  text: /* sql */ `SELECT id, log_limit_mib AS "limitMib" FROM organizations WHERE log_limit_mib IS NOT NULL`,
};

/**
 * How long a log may be: what the server allows, or less where an organization says so. In memory, because every batch of lines
 * asks; read again beside the flow when somebody asks later than that.
 */
@Injectable()
export class OrganizationLogLimits {
  private readonly logger = new Logger(OrganizationLogLimits.name);
  private known: ReadonlyMap<OrganizationId, number> = new Map();
  private readonly mostBytes: number;
  private askAgainAtMs = 0;

  constructor(
    private readonly database: Database,
    @Inject(LOG_SETTINGS) settings: Pick<LogSettings, 'limitMib'>,
  ) {
    this.mostBytes = settings.limitMib * MIB;
  }

  bytesOf(organizationId: OrganizationId): number {
    const now = performance.now();
    if (now >= this.askAgainAtMs) {
      this.askAgainAtMs = now + REFRESH_MS;
      void this.refresh().catch((error: unknown) => this.logger.warn({ err: error }, 'limits of logs not read'));
    }
    return this.known.get(organizationId) ?? this.mostBytes;
  }

  async refresh(): Promise<void> {
    const rows = await this.database.query<{ id: OrganizationId; limitMib: number }>(READ_LIMITS);
    this.known = new Map(rows.map(({ id, limitMib }) => [id, Math.min(this.mostBytes, limitMib * MIB)]));
  }
}
