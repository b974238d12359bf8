import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Archives that were uploaded to be the source of jobs, by their bytes. */
export class SourceArchives1766707200000 implements MigrationInterface {
  readonly name = 'SourceArchives1766707200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE source_archives (
        organization_id uuid NOT NULL REFERENCES organizations (id),
        -- of the bytes as they were sent
        sha256 text NOT NULL,
        bytes integer NOT NULL,
        format text NOT NULL CHECK (format IN ('tar', 'tar.gz', 'zip')),
        upload_id uuid NOT NULL,
        uploaded_by text NOT NULL,
        uploaded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- when something last named it, or was found to refer to it
        last_used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (organization_id, sha256)
      );

      -- each sealed; those of an upload that was never finished are swept
      CREATE TABLE source_archive_pieces (
        organization_id uuid NOT NULL REFERENCES organizations (id),
        upload_id uuid NOT NULL,
        piece integer NOT NULL,
        sealed bytea NOT NULL,
        stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (upload_id, piece)
      );
      -- what is encrypted does not shrink
      ALTER TABLE source_archive_pieces ALTER COLUMN sealed SET STORAGE EXTERNAL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE source_archive_pieces, source_archives');
  }
}
