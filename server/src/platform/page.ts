import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import type { Page } from '@dibs/shared';
import { badRequest } from './errors.js';
import { IsWholeNumber } from './validation-rules.js';

export const MAX_PAGE_LIMIT = 200;

/** Query of every list. Extend it for filters. */
export class PageQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: MAX_PAGE_LIMIT, default: 50 })
  @Type(() => Number)
  @IsOptional()
  @IsWholeNumber(1, MAX_PAGE_LIMIT)
  limit: number = 50;

  @ApiPropertyOptional({ description: '`nextCursor` of the page before' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}

/** A cursor is the key of the last item seen; what it may reach is decided by the query's own organization. */
export function encodeCursor(key: string): string {
  return Buffer.from(key, 'utf8').toString('base64url');
}

/** @returns the key, or null for the first page */
export function decodeCursor(cursor: string | undefined, shape: RegExp = UUID): string | null {
  if (cursor === undefined) return null;
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!shape.test(key)) throw badRequest('invalid_cursor', 'cursor must be the nextCursor of an earlier page.');
  return key;
}

/** @param rows one more than `limit`, if there are that many: the extra one tells that another page follows */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => string,
  view: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(view),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null,
  };
}

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
