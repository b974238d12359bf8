import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An organization may keep less of a long log than the server would. */
export class OrganizationLogLimit1767312000000 implements MigrationInterface {
  readonly name = 'OrganizationLogLimit1767312000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      ALTER TABLE organizations
        -- null: as much as the server allows
        ADD COLUMN log_limit_mib integer CHECK (log_limit_mib > 0)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE organizations DROP COLUMN log_limit_mib');
  }
}
