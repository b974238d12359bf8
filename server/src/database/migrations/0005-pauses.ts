import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is paused, by whom, and why. A pause that has ended stays, because the time line of a job tells which pauses
 * held it back while it waited.
 *
 * Maintenance (`server`) is of the whole installation; its row carries the organization of whoever asked for it, as
 * every row carries one. What is paused twice would be resumed by halves, so a partial unique index refuses it.
 */
export class Pauses1764028800000 implements MigrationInterface {
  readonly name = 'Pauses1764028800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE pauses (
        id uuid PRIMARY KEY,
        organization_id uuid NOT NULL REFERENCES organizations (id),
        target_kind text NOT NULL CHECK (target_kind IN ('runner', 'lane', 'organization', 'server')),
        -- id of the runner or organization, fingerprint of the lane; empty for the server
        target_id text NOT NULL,
        runner_id uuid,
        note text NOT NULL,
        who text NOT NULL,
        since timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- null: it holds
        ended_at timestamptz,
        ended_by text,
        CHECK ((target_kind = 'runner') = (runner_id IS NOT NULL)),
        FOREIGN KEY (organization_id, runner_id) REFERENCES runners (organization_id, id) ON DELETE CASCADE
      );
      CREATE UNIQUE INDEX pauses_current ON pauses (organization_id, target_kind, target_id) WHERE ended_at IS NULL;
      CREATE UNIQUE INDEX pauses_maintenance ON pauses (target_kind) WHERE ended_at IS NULL AND target_kind = 'server';
      CREATE INDEX pauses_by_organization ON pauses (organization_id, since);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE pauses');
  }
}
