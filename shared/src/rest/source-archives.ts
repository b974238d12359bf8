export const ARCHIVE_FORMATS = ['tar', 'tar.gz', 'zip'] as const;
export type ArchiveFormat = (typeof ARCHIVE_FORMATS)[number];

/** An uploaded archive, named by its bytes: `POST /api/v1/source-archives`, `GET /api/v1/source-archives/{sha256}`. */
export interface SourceArchive {
  /** Of the bytes as they were sent, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly bytes: number;
  readonly format: ArchiveFormat;
  readonly uploadedBy: string;
  readonly uploadedAt: string;
}

export const MAX_SOURCE_ARCHIVE_BYTES = 64 * 1024 * 1024;
