import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Log chunks by the time of their job, so that old ones go by dropping a table. Ids are UUIDv7, so a range of job ids
 * is a range of time, the primary key stays what it was, and a job's log is in one partition: docs/decisions/0020.
 *
 * What is stored already is not copied: its table becomes the first partition, up to a Monday that is at least a day
 * away. Later ones are made by the servers (logs/partitions).
 */
export class LogPartitions1765152000000 implements MigrationInterface {
  readonly name = 'LogPartitions1765152000000';

  async up(runner: QueryRunner): Promise<void> {
    const [{ first_free: firstFree }] = (await runner.query(/* sql */ `
      SELECT (lpad(to_hex((extract(epoch FROM
        date_trunc('week', (clock_timestamp() AT TIME ZONE 'UTC') + interval '8 days')) * 1000)::bigint), 12, '0')
        || '00000000000000000000')::uuid AS first_free`)) as [{ first_free: string }];
    await runner.query(/* sql */ `
      ALTER TABLE log_chunks RENAME TO log_chunks_first;
      ALTER INDEX log_chunks_pkey RENAME TO log_chunks_first_pkey;
      CREATE TABLE log_chunks (LIKE log_chunks_first INCLUDING ALL) PARTITION BY RANGE (job_id);
      -- whatever comes, it is stored
      CREATE TABLE log_chunks_default PARTITION OF log_chunks DEFAULT;
      WITH moved AS (DELETE FROM log_chunks_first WHERE job_id >= '${firstFree}' RETURNING *)
        INSERT INTO log_chunks_default SELECT * FROM moved;
      ALTER TABLE log_chunks ATTACH PARTITION log_chunks_first FOR VALUES FROM (MINVALUE) TO ('${firstFree}');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE log_chunks_plain (LIKE log_chunks INCLUDING ALL);
      INSERT INTO log_chunks_plain SELECT * FROM log_chunks;
      DROP TABLE log_chunks;
      ALTER TABLE log_chunks_plain RENAME TO log_chunks;
      ALTER INDEX log_chunks_plain_pkey RENAME TO log_chunks_pkey;
    `);
  }
}
