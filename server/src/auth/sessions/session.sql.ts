import type { Statement } from '../../database/database.js';

export const USER_BY_EMAIL: Statement = {
  name: 'user-by-email',
  text: /* sql */ `
    SELECT id, organization_id AS "organizationId", email, role, password_hash AS "passwordHash"
    FROM users WHERE lower(email) = lower($1) AND disabled_at IS NULL`,
};

export interface UserRow {
  readonly id: string;
  readonly organizationId: string;
  readonly email: string;
  readonly role: string;
}

export const START_SESSION: Statement = {
  name: 'session-start',
  text: /* sql */ `
    WITH expired AS (DELETE FROM user_sessions WHERE user_id = $3 AND expires_at < clock_timestamp())
    INSERT INTO user_sessions (id, organization_id, user_id, token_hash, expires_at)
    VALUES ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))
    RETURNING expires_at AS "expiresAt"`,
};

export const USER_OF_SESSION: Statement = {
  name: 'session-user',
  text: /* sql */ `
    SELECT u.id, u.organization_id AS "organizationId", u.email, u.role
    FROM user_sessions s
    JOIN users u ON u.organization_id = s.organization_id AND u.id = s.user_id
    WHERE s.token_hash = $1 AND s.expires_at > clock_timestamp() AND u.disabled_at IS NULL`,
};

export const END_SESSION: Statement = {
  name: 'session-end',
  text: 'DELETE FROM user_sessions WHERE token_hash = $1 RETURNING id',
};
