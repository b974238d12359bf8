import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the overview tells of the last hour, counted while it happens: the jobs themselves are millions, and asking them
 * afterwards would be a scan. Each server adds what it saw every few seconds; a row is ten seconds of an organization.
 */
export class Activity1764979200000 implements MigrationInterface {
  readonly name = 'Activity1764979200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE activity (
        organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
        slot timestamptz NOT NULL,
        claims integer NOT NULL,
        succeeded integer NOT NULL,
        failed integer NOT NULL,
        canceled integer NOT NULL,
        -- how many claims found a job that had waited so long (overview/wait-histogram.ts)
        waits integer[] NOT NULL,
        PRIMARY KEY (organization_id, slot)
      );
      CREATE INDEX activity_by_slot ON activity (slot);

      -- sessions that ended, for finding the instances that come and go
      CREATE TABLE connection_losses (
        organization_id uuid NOT NULL,
        instance_id uuid NOT NULL,
        slot timestamptz NOT NULL,
        losses integer NOT NULL,
        PRIMARY KEY (organization_id, instance_id, slot),
        FOREIGN KEY (organization_id, instance_id) REFERENCES runner_instances (organization_id, id) ON DELETE CASCADE
      );
      CREATE INDEX connection_losses_by_slot ON connection_losses (slot);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE activity, connection_losses');
  }
}
