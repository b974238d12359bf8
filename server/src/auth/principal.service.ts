import { Inject, Injectable } from '@nestjs/common';
import type { OrganizationId, Role, RunnerId, ServicePrincipalId } from '@dibs/shared';
import { Database } from '../database/database.js';
import { RecheckCache } from '../platform/recheck-cache.js';
import { TIMING_SETTINGS } from '../platform/settings.js';
import type { TimingSettings } from '../platform/settings.js';
import { PRINCIPAL_STANDING } from './principals/principal.sql.js';
import type { PrincipalStandingRow } from './principals/principal.sql.js';

export interface Principal {
  readonly id: ServicePrincipalId;
  readonly organizationId: OrganizationId;
  readonly clientId: string;
  /** null: a runner's principal. */
  readonly role: Role | null;
}

export interface RunnerIdentity {
  readonly runnerId: RunnerId;
  readonly runnerName: string;
  readonly organizationId: OrganizationId;
  readonly allowMultipleInstances: boolean;
  /** The record or its principal is disabled. */
  readonly disabled: boolean;
}

/** What decides about a token besides its signature. */
export interface TokenOrigin {
  readonly principalId: string;
  readonly secretId: string;
  readonly issuedAt: Date;
}

/** Service principals as they stand now, give or take `principalRecheckMs`. */
@Injectable()
export class PrincipalService {
  private readonly standings: RecheckCache<PrincipalStandingRow>;

  constructor(database: Database, @Inject(TIMING_SETTINGS) timing: TimingSettings) {
    const load = async (id: string): Promise<PrincipalStandingRow | null> =>
      (await database.query<PrincipalStandingRow>(PRINCIPAL_STANDING, [id]))[0] ?? null;
    this.standings = new RecheckCache(load, timing.principalRecheckMs);
  }

  /** @returns the principal, or null once it is gone or disabled, or the token's secret was replaced or revoked */
  async standingOf(token: TokenOrigin): Promise<Principal | null> {
    const row = await this.standings.get(token.principalId);
    if (row === null || row.disabled) return null;
    if (token.issuedAt.getTime() < row.revokedBeforeMs || !row.secretIds.includes(token.secretId)) return null;
    return {
      id: row.principalId as ServicePrincipalId,
      organizationId: row.organizationId as OrganizationId,
      clientId: row.clientId,
      role: row.role as Role | null,
    };
  }

  /** @returns the runner record that connects as this principal; null: it is no runner's */
  async runnerOf(principalId: string): Promise<RunnerIdentity | null> {
    const row = await this.standings.get(principalId);
    if (row === null || row.runnerId === null || row.runnerName === null) return null;
    return {
      runnerId: row.runnerId as RunnerId,
      runnerName: row.runnerName,
      organizationId: row.organizationId as OrganizationId,
      allowMultipleInstances: row.allowMultipleInstances ?? false,
      disabled: row.disabled || row.runnerDisabled,
    };
  }

  /** It was changed here: do not wait for the recheck. */
  forget(principalId: string): void {
    this.standings.forget(principalId);
  }
}
