import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Git sources of deployed modules that are looked at, and what was last seen of them. */
export class SourceWatches1766880000000 implements MigrationInterface {
  readonly name = 'SourceWatches1766880000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE source_watches (
        organization_id uuid NOT NULL,
        module_id uuid NOT NULL,
        url text NOT NULL,
        -- the url in the one spelling by which notifications find it
        url_key text NOT NULL,
        revision text,
        versions text,
        -- null: only when somebody says that it has changed
        every_seconds integer,
        -- grows when another source is to be looked at: what was seen of the one before does not count
        version integer NOT NULL DEFAULT 1,
        -- null: not by itself
        next_check_at timestamptz,
        -- until when no other server looks; null: none does
        claimed_until timestamptz,
        -- somebody said that it has changed after the look that is under way began
        is_told boolean NOT NULL DEFAULT false,
        resolved text,
        checked_at timestamptz,
        checked_by text,
        problem text,
        -- the commit that began a run, or was found to be the one of the last run
        handled_commit text,
        PRIMARY KEY (organization_id, module_id),
        FOREIGN KEY (organization_id, module_id) REFERENCES modules (organization_id, id) ON DELETE CASCADE
      );
      CREATE INDEX source_watches_due ON source_watches (next_check_at) WHERE next_check_at IS NOT NULL;
      CREATE INDEX source_watches_url ON source_watches (organization_id, url_key);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE source_watches');
  }
}
