import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The connections of an instance that have ended, for operators who ask why it came and went. It takes the place of
 * `connection_losses`, which only counted them, planned ones included.
 */
export class InstanceConnections1765584000000 implements MigrationInterface {
  readonly name = 'InstanceConnections1765584000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE instance_connections (
        organization_id uuid NOT NULL,
        instance_id uuid NOT NULL,
        -- a UUIDv7: in the order of the connections
        session_id uuid NOT NULL,
        connected_at timestamptz NOT NULL,
        disconnected_at timestamptz NOT NULL,
        -- in words, shown to operators
        reason text NOT NULL,
        -- of the websocket's close frame; null: there was none
        close_code integer,
        -- the runner drained or said goodbye, or the server was stopped: nothing to worry about
        planned boolean NOT NULL,
        PRIMARY KEY (organization_id, instance_id, session_id),
        FOREIGN KEY (organization_id, instance_id) REFERENCES runner_instances (organization_id, id) ON DELETE CASCADE
      );
      CREATE INDEX instance_connections_lost ON instance_connections (organization_id, disconnected_at) WHERE NOT planned;
      CREATE INDEX instance_connections_old ON instance_connections (disconnected_at);
      DROP TABLE connection_losses;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      DROP TABLE instance_connections;
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
}
