import { Injectable, Logger } from '@nestjs/common';
import { MAX_SOURCE_ARCHIVE_BYTES, type OrganizationId, type SourceArchive, type SourceSpec } from '@dibs/shared';
import { ArchiveRefused, checkArchive } from '@dibs/shared/archives';
import type { Caller } from '../auth/caller.js';
import { AppError, badRequest, notFound } from '../platform/errors.js';
import { SealedPieces, type PiecePlace } from '../platform/sealed-pieces.js';
import { uuidv7 } from '../platform/uuid.js';
import { SourceArchiveRepository, type StoredArchive } from './source-archive.repository.js';
import { unknownArchive } from './unknown-archive.js';

const SHA256 = /^[0-9a-f]{64}$/i;

/** Archives on their way from whoever uploads them to the runners that unpack them. */
@Injectable()
export class SourceArchiveService {
  private readonly logger = new Logger(SourceArchiveService.name);

  constructor(
    private readonly archives: SourceArchiveRepository,
    private readonly pieces: SealedPieces,
  ) {}

  /**
   * @param body the bytes as they arrive
   * @returns `created` false: the same bytes were here
   * @throws AppError 413, 422 `archive_refused` that names the entry
   */
  async take(
    { organizationId, name: uploadedBy }: Caller,
    body: unknown,
  ): Promise<{ readonly archive: SourceArchive; readonly created: boolean }> {
    const uploadId = uuidv7();
    let created: StoredArchive | null = null;
    try {
      const { sha256, bytes } = await this.pieces.store(body, {
        maxBytes: MAX_SOURCE_ARCHIVE_BYTES,
        contextOf: (piece) => contextOf(organizationId, uploadId, piece),
        store: (piece, sealed) => this.archives.addPiece(organizationId, uploadId, piece, sealed),
      });
      if (bytes === 0) throw badRequest('archive_empty', 'The body is the archive, and there is none.');
      const before = await this.archives.use(organizationId, [sha256]);
      if (before[0] !== undefined) return { archive: viewOf(before[0]), created: false };
      const format = await this.check(this.placeOf(organizationId, uploadId), bytes);
      created = await this.archives.insert(organizationId, { sha256, bytes, format, uploadId, uploadedBy });
      if (created !== null) return { archive: viewOf(created), created: true };
      const [faster] = await this.archives.use(organizationId, [sha256]);
      if (faster === undefined) throw new AppError(503, 'unavailable', 'The archive was removed meanwhile. Try again.');
      return { archive: viewOf(faster), created: false };
    } finally {
      if (created === null) await this.dropUpload(uploadId);
    }
  }

  /** @throws AppError 404 */
  async get({ organizationId }: Caller, sha256: string): Promise<SourceArchive> {
    const archive = SHA256.test(sha256) ? await this.archives.find(organizationId, sha256.toLowerCase()) : null;
    if (archive === null) throw notFound('source archive');
    return viewOf(archive);
  }

  /** To be asked before a job with such a source is stored. @throws AppError 422 `unknown_archive` */
  async use(organizationId: OrganizationId, sources: readonly (SourceSpec | null)[]): Promise<void> {
    const wanted = [...new Set(sources.flatMap((source) => (source?.type === 'archive' ? [source.sha256] : [])))];
    if (wanted.length === 0) return;
    const found = new Set((await this.archives.use(organizationId, wanted)).map(({ sha256 }) => sha256));
    const missing = wanted.find((sha256) => !found.has(sha256));
    if (missing !== undefined) throw unknownArchive(missing);
  }

  /** For the runner of a job that has it as its source. @throws AppError 404, or 410 when it cannot be opened any more */
  async give(organizationId: OrganizationId, sha256: string) {
    const archive = await this.archives.find(organizationId, sha256);
    if (archive === null) throw new AppError(404, 'archive_gone', 'The archive is not here, or not any more.');
    const { bytes, uploadId } = archive;
    return { bytes, content: await this.pieces.open(this.placeOf(organizationId, uploadId), bytes) };
  }

  private async check(place: PiecePlace, bytes: number) {
    try {
      // what it has of sizes is only believed here: runners read all of it before they write anything
      return await checkArchive(
        { bytes, range: (start, end) => this.pieces.range(place, start, end) },
        { readsContent: false },
      );
    } catch (error) {
      if (!(error instanceof ArchiveRefused)) throw error;
      throw new AppError(422, 'archive_refused', error.message, { cause: error });
    }
  }

  private placeOf(organizationId: OrganizationId, uploadId: string): PiecePlace {
    return {
      what: 'archive',
      contextOf: (piece) => contextOf(organizationId, uploadId, piece),
      find: (piece) => this.archives.piece(uploadId, piece),
    };
  }

  private async dropUpload(uploadId: string): Promise<void> {
    try {
      await this.archives.dropUpload(uploadId);
    } catch (error) {
      // the sweep takes it
      this.logger.debug({ err: error }, 'an upload that was not kept was not removed');
    }
  }
}

/** Binds each piece to its place in its upload. */
function contextOf(organizationId: OrganizationId, uploadId: string, piece: number): string {
  return `archive:${organizationId}:${uploadId}:${piece}`;
}

function viewOf({ sha256, bytes, format, uploadedBy, uploadedAt }: StoredArchive): SourceArchive {
  return { sha256, bytes, format, uploadedBy, uploadedAt: uploadedAt.toISOString() };
}
