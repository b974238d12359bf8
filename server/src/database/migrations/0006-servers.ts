import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which servers there are: one row for each, renewed while it runs. It belongs to the installation and to no tenant,
 * so it has no `organization_id`. Unlogged: after a crash of the database every server writes its row again.
 */
export class Servers1764115200000 implements MigrationInterface {
  readonly name = 'Servers1764115200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE UNLOGGED TABLE servers (
        id uuid PRIMARY KEY,
        host text NOT NULL,
        version text NOT NULL,
        started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
      ) WITH (fillfactor = 50)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE servers');
  }
}
