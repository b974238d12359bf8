import { Injectable } from '@nestjs/common';
import type { ArchiveFormat, OrganizationId } from '@dibs/shared';
import { Database } from '../database/database.js';
import * as sql from './source-archive.sql.js';

export interface StoredArchive {
  readonly sha256: string;
  readonly bytes: number;
  readonly format: ArchiveFormat;
  /** Its pieces are those of this upload. */
  readonly uploadId: string;
  readonly uploadedBy: string;
  readonly uploadedAt: Date;
}

@Injectable()
export class SourceArchiveRepository {
  constructor(private readonly database: Database) {}

  async find(organizationId: OrganizationId, sha256: string): Promise<StoredArchive | null> {
    const [archive] = await this.database.query<StoredArchive>(sql.FIND, [organizationId, sha256]);
    return archive ?? null;
  }

  /** @returns those that are there; from now on they stay for a day */
  use(organizationId: OrganizationId, sha256s: readonly string[]): Promise<StoredArchive[]> {
    return this.database.query<StoredArchive>(sql.USE, [organizationId, sha256s]);
  }

  /** @returns null: it is there already */
  async insert(
    organizationId: OrganizationId,
    { sha256, bytes, format, uploadId, uploadedBy }: Omit<StoredArchive, 'uploadedAt'>,
  ): Promise<StoredArchive | null> {
    const values = [organizationId, sha256, bytes, format, uploadId, uploadedBy];
    const [archive] = await this.database.query<StoredArchive>(sql.INSERT, values);
    return archive ?? null;
  }

  async addPiece(organizationId: OrganizationId, uploadId: string, piece: number, sealed: Buffer): Promise<void> {
    await this.database.query(sql.ADD_PIECE, [organizationId, uploadId, piece, sealed]);
  }

  /** @returns null: it is gone */
  async piece(uploadId: string, piece: number): Promise<Buffer | null> {
    const [row] = await this.database.query<{ readonly sealed: Buffer }>(sql.PIECE, [uploadId, piece]);
    return row?.sealed ?? null;
  }

  async dropUpload(uploadId: string): Promise<void> {
    await this.database.query(sql.DROP_UPLOAD, [uploadId]);
  }

  /** Whatever refers to them counts as a use now. */
  async markUsed(before: Date, now: Date): Promise<void> {
    await this.database.query(sql.MARK_USED, [before, now]);
  }

  /** @returns those that were removed; their pieces go with `removePieces` */
  removeUnused(before: Date): Promise<{ readonly organizationId: OrganizationId; readonly sha256: string }[]> {
    return this.database.query(sql.REMOVE_UNUSED, [before]);
  }

  async removePieces(before: Date): Promise<void> {
    await this.database.query(sql.REMOVE_PIECES, [before]);
  }
}
