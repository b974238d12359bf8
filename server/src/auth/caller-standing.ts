import { Injectable } from '@nestjs/common';
import { Database, type Statement } from '../database/database.js';
import type { Caller } from './caller.js';

/** Somebody who was let in once and has stayed: a live socket, a followed log. */
export interface StayingCaller {
  readonly caller: Caller;
  readonly connectedAtMs: number;
}

/**
 * Which of these callers are still what they were when they connected: not disabled, not revoked since, the same role.
 * People need a session that goes on; signing out of the last one ends their sockets.
 */
const STILL_STANDING: Statement = {
  name: 'caller-still-standing',
  text: /* sql */ `
    SELECT g.position
    FROM unnest($1::integer[], $2::text[], $3::uuid[], $4::text[], $5::float8[])
      AS g (position, kind, id, role, connected_at_s)
    WHERE CASE g.kind
      WHEN 'user' THEN EXISTS (
        SELECT FROM users u WHERE u.id = g.id AND u.role = g.role AND u.disabled_at IS NULL AND EXISTS (
          SELECT FROM user_sessions s WHERE s.user_id = u.id AND s.expires_at > clock_timestamp()))
      WHEN 'servicePrincipal' THEN EXISTS (
        SELECT FROM service_principals p
        WHERE p.id = g.id AND p.role = g.role AND p.disabled_at IS NULL
          AND p.revoked_before <= to_timestamp(g.connected_at_s))
      WHEN 'apiToken' THEN EXISTS (
        SELECT FROM api_tokens t
        WHERE t.id = g.id AND t.role = g.role AND t.revoked_at IS NULL
          AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp()))
      END`,
};

@Injectable()
export class CallerStanding {
  constructor(private readonly database: Database) {}

  /** @returns those whose connections must close */
  async fallen<Each extends StayingCaller>(callers: readonly Each[]): Promise<Each[]> {
    if (callers.length === 0) return [];
    const rows = await this.database.query<{ position: number }>(STILL_STANDING, [
      callers.map((_, position) => position),
      callers.map(({ caller }) => caller.kind),
      callers.map(({ caller }) => caller.id),
      callers.map(({ caller }) => caller.role),
      callers.map(({ connectedAtMs }) => connectedAtMs / 1000),
    ]);
    const standing = new Set(rows.map((row) => row.position));
    return callers.filter((_, position) => !standing.has(position));
  }
}
