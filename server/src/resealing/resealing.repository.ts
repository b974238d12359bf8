import { Injectable } from '@nestjs/common';
import { Database, type Statement } from '../database/database.js';
import type { SealedPlace } from './sealed-places.js';

export interface SealedRow {
  /** Where the row is in its table, until it is changed. */
  readonly at: string;
  readonly context: string;
  readonly sealed: Buffer;
}

export interface ResealedRow extends SealedRow {
  readonly resealed: Buffer;
}

/**
 * Rows by where they are in their tables, so that one way does for all tables. A row that is changed meanwhile is somewhere
 * else or has another value, and is let be: whoever changed it has sealed it anew.
 */
@Injectable()
export class ResealingRepository {
  constructor(private readonly database: Database) {}

  /** Sealed with another key than that of the id, in one pass over the table. */
  async outdated(place: SealedPlace, keyId: Buffer, limit: number): Promise<string[]> {
    const statement = unnamed(
      `SELECT t.ctid::text AS at FROM ${place.table} t WHERE ${isOutdated(place)}
         AND ${place.where ?? 'true'} LIMIT $2`,
    );
    const rows = await this.database.query<{ at: string }>(statement, [keyId, limit]);
    return rows.map(({ at }) => at);
  }

  rows(place: SealedPlace, keyId: Buffer, places: readonly string[]): Promise<SealedRow[]> {
    const statement = unnamed(
      `SELECT t.ctid::text AS at, ${place.context} AS context, t.${place.column} AS sealed FROM ${place.table} t
       WHERE t.ctid = ANY($2::tid[]) AND ${isOutdated(place)}`,
    );
    return this.database.query(statement, [keyId, places]);
  }

  /** @returns how many of them were still as they were */
  async replace({ table, column }: SealedPlace, rows: readonly ResealedRow[]): Promise<number> {
    const statement = unnamed(
      `UPDATE ${table} t SET ${column} = g.resealed
       FROM unnest($1::tid[], $2::bytea[], $3::bytea[]) AS g (at, sealed, resealed)
       WHERE t.ctid = g.at AND t.${column} = g.sealed RETURNING t.ctid::text AS at`,
    );
    const columns = [rows.map(({ at }) => at), rows.map(({ sealed }) => sealed), rows.map(({ resealed }) => resealed)];
    return (await this.database.query(statement, columns)).length;
  }
}

function isOutdated({ column }: SealedPlace): string {
  // behind the number of the format (platform/secret-box.ts)
  return `t.${column} IS NOT NULL AND substring(t.${column} FROM 2 FOR 4) <> $1`;
}

function unnamed(text: string): Statement {
  return { name: '', text };
}
