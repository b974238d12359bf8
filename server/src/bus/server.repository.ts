import { Injectable } from '@nestjs/common';
import { Database, type Statement } from '../database/database.js';

export interface KnownServer {
  readonly id: string;
  readonly host: string;
  readonly version: string;
}

/** Rows of servers that stopped without a word are kept this long, for people who look. */
const KEPT_S = 3_600;

/** A sign of life of one server, and which others gave one lately: by the clock of the database. */
const BEAT: Statement = {
  name: 'bus.beat',
  text: /* sql */ `
    WITH mine AS (
      INSERT INTO servers (id, host, version) VALUES ($1, $2, $3)
      ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp()
    ), old AS (
      DELETE FROM servers WHERE seen_at < clock_timestamp() - make_interval(secs => $5)
    )
    SELECT id, host, version FROM servers
    WHERE id <> $1 AND seen_at > clock_timestamp() - make_interval(secs => $4)`,
};

const FORGET: Statement = { name: 'bus.forget', text: 'DELETE FROM servers WHERE id = $1' };

const INSTALLATION: Statement = {
  name: 'bus.installation',
  text: 'SELECT id FROM organizations ORDER BY created_at, id LIMIT 1',
};

@Injectable()
export class ServerRepository {
  constructor(private readonly database: Database) {}

  /** @returns the other servers that are there */
  beat({ id, host, version }: KnownServer, aliveForMs: number): Promise<KnownServer[]> {
    return this.database.query(BEAT, [id, host, version, aliveForMs / 1_000, KEPT_S]);
  }

  async forget(id: string): Promise<void> {
    await this.database.query(FORGET, [id]);
  }

  /** Tells this installation from others that share a Redis. */
  async installation(): Promise<string> {
    const [row] = await this.database.query<{ id: string }>(INSTALLATION);
    return row?.id ?? 'new';
  }
}
