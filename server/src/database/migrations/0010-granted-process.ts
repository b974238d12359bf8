import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which process of its instance an attempt was granted to. What an earlier process was granted is not this one's to run:
 * the older one may only be cut off, and works on under the same attempt and token. The time of the claim, compared with
 * the time of the takeover, left a gap: a claim that read the older session could be stamped after it.
 */
export class GrantedProcess1764460800000 implements MigrationInterface {
  readonly name = 'GrantedProcess1764460800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- null: nobody's any more, or granted to an earlier process before this was recorded
      ALTER TABLE job_attempts ADD COLUMN boot_id uuid;
      UPDATE job_attempts a SET boot_id = i.boot_id
        FROM runner_instances i WHERE i.id = a.instance_id AND a.ended_at IS NULL AND a.claimed_at >= i.boot_since;
      ALTER TABLE runner_instances DROP COLUMN boot_since;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      ALTER TABLE runner_instances ADD COLUMN boot_since timestamptz NOT NULL DEFAULT clock_timestamp();
      ALTER TABLE job_attempts DROP COLUMN boot_id;
    `);
  }
}
