import type { Statement } from '../../database/database.js';

/** What is asked again and again about a principal: does it, and the secret a token came of, still count? */
export const PRINCIPAL_STANDING: Statement = {
  name: 'principal-standing',
  text: /* sql */ `
    SELECT p.id AS "principalId", p.organization_id AS "organizationId", p.name, p.client_id AS "clientId", p.role,
      p.disabled_at IS NOT NULL AS "disabled",
      -- as text: the default is -infinity, which is no Date
      coalesce(extract(epoch FROM nullif(p.revoked_before, '-infinity')) * 1000, 0)::float8 AS "revokedBeforeMs",
      array(SELECT s.id::text FROM service_principal_secrets s
        WHERE s.service_principal_id = p.id) AS "secretIds",
      r.id AS "runnerId", r.name AS "runnerName", r.allow_multiple_instances AS "allowMultipleInstances",
      r.disabled_at IS NOT NULL AS "runnerDisabled"
    FROM service_principals p
    LEFT JOIN runners r ON r.service_principal_id = p.id
    WHERE p.id = $1`,
};

export const PRINCIPAL_BY_CLIENT: Statement = {
  name: 'principal-by-client',
  text: /* sql */ `
    SELECT p.id AS "principalId", p.organization_id AS "organizationId", p.client_id AS "clientId", p.role,
      s.id AS "secretId", s.secret_hash AS "secretHash",
      -- tokens carry the database's time, by which revocations are dated too
      (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs"
    FROM service_principals p
    JOIN service_principal_secrets s ON s.service_principal_id = p.id
    WHERE p.client_id = $1 AND p.disabled_at IS NULL
      AND (s.expires_at IS NULL OR s.expires_at > clock_timestamp())`,
};

export interface PrincipalStandingRow {
  readonly principalId: string;
  readonly organizationId: string;
  readonly name: string;
  readonly clientId: string;
  readonly role: string | null;
  readonly disabled: boolean;
  readonly revokedBeforeMs: number;
  readonly secretIds: readonly string[];
  readonly runnerId: string | null;
  readonly runnerName: string | null;
  readonly allowMultipleInstances: boolean | null;
  readonly runnerDisabled: boolean;
}

export interface PrincipalSecretRow {
  readonly principalId: string;
  readonly organizationId: string;
  readonly clientId: string;
  readonly role: string | null;
  readonly secretId: string;
  readonly secretHash: string;
  readonly nowMs: number;
}
