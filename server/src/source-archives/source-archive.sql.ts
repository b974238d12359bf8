import type { Statement } from '../database/database.js';
import { NOT_CLAIMED } from '../jobs/job-stage.sql.js';

const COLUMNS = /* sql */ `
  sha256, bytes, format, upload_id AS "uploadId", uploaded_by AS "uploadedBy", uploaded_at AS "uploadedAt"`;

export const FIND: Statement = {
  name: 'source-archives.find',
  text: `SELECT ${COLUMNS} FROM source_archives WHERE organization_id = $1 AND sha256 = $2`,
};

/** Names archives: for a day from now on nobody removes them. A row that the sweep is removing is waited for, and then not there. */
export const USE: Statement = {
  name: 'source-archives.use',
  text: /* sql */ `
    UPDATE source_archives SET last_used_at = clock_timestamp()
    WHERE organization_id = $1 AND sha256 = ANY($2) RETURNING ${COLUMNS}`,
};

export const INSERT: Statement = {
  name: 'source-archives.insert',
  text: /* sql */ `
    INSERT INTO source_archives (organization_id, sha256, bytes, format, upload_id, uploaded_by)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, sha256) DO NOTHING RETURNING ${COLUMNS}`,
};

export const ADD_PIECE: Statement = {
  name: 'source-archives.add-piece',
  text: 'INSERT INTO source_archive_pieces (organization_id, upload_id, piece, sealed) VALUES ($1, $2, $3, $4)',
};

export const PIECE: Statement = {
  name: 'source-archives.piece',
  text: 'SELECT sealed FROM source_archive_pieces WHERE upload_id = $1 AND piece = $2',
};

export const DROP_UPLOAD: Statement = {
  name: 'source-archives.drop-upload',
  text: 'DELETE FROM source_archive_pieces WHERE upload_id = $1',
};

/** $2: now. Settings of every level, jobs and runs that have not ended; only where there is something to look for. */
export const MARK_USED: Statement = {
  name: 'source-archives.mark-used',
  text: /* sql */ `
    WITH candidates AS MATERIALIZED (
      SELECT organization_id, sha256 FROM source_archives WHERE last_used_at < $1
    ), sources AS (
      SELECT id AS organization_id, settings->'source' AS source FROM organizations
      UNION ALL SELECT organization_id, settings->'source' FROM stacks
      UNION ALL SELECT organization_id, settings->'source' FROM namespaces
      UNION ALL SELECT organization_id, settings->'source' FROM modules
      UNION ALL
      SELECT s.organization_id, (s.spec->'source')::jsonb FROM job_submissions s
      JOIN jobs j ON j.organization_id = s.organization_id AND j.id = s.id
      WHERE j.stage = 'held'
      UNION ALL
      SELECT s.organization_id, (s.spec->'source')::jsonb FROM job_submissions s
      JOIN jobs j ON j.organization_id = s.organization_id AND j.id = s.id
      WHERE j.stage IN ${NOT_CLAIMED}
      UNION ALL
      SELECT s.organization_id, (s.spec->'source')::jsonb FROM job_submissions s
      JOIN module_runs r ON r.organization_id = s.organization_id AND r.first_job_id = s.id
      WHERE r.ended_at IS NULL
    )
    UPDATE source_archives a SET last_used_at = $2
    FROM (SELECT DISTINCT c.organization_id, c.sha256 FROM candidates c JOIN sources s
          ON s.organization_id = c.organization_id AND s.source->>'sha256' = c.sha256) AS used
    WHERE a.organization_id = used.organization_id AND a.sha256 = used.sha256`,
};

export const REMOVE_UNUSED: Statement = {
  name: 'source-archives.remove-unused',
  text: /* sql */ `
    DELETE FROM source_archives WHERE last_used_at < $1 RETURNING organization_id AS "organizationId", sha256`,
};

/** Of archives that were removed, and of uploads that nobody finished. */
export const REMOVE_PIECES: Statement = {
  name: 'source-archives.remove-pieces',
  text: /* sql */ `
    DELETE FROM source_archive_pieces p
    WHERE stored_at < $1 AND NOT EXISTS (SELECT FROM source_archives a WHERE a.upload_id = p.upload_id)`,
};
