import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Roles that hold for a stack, namespace or module and all inside it, beside the one somebody has in the organization. */
export class RoleGrants1766102400000 implements MigrationInterface {
  readonly name = 'RoleGrants1766102400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE role_grants (
        id uuid PRIMARY KEY,
        organization_id uuid NOT NULL,
        stack_id uuid,
        namespace_id uuid,
        module_id uuid,
        node_id uuid NOT NULL GENERATED ALWAYS AS (COALESCE(stack_id, namespace_id, module_id)) STORED,
        user_id uuid,
        service_principal_id uuid,
        api_token_id uuid,
        grantee_id uuid NOT NULL GENERATED ALWAYS AS (COALESCE(user_id, service_principal_id, api_token_id)) STORED,
        -- viewers see every module anyway, and owners are of the organization
        role text NOT NULL CHECK (role IN ('administrator', 'operator')),
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CHECK (num_nonnulls(stack_id, namespace_id, module_id) = 1),
        CHECK (num_nonnulls(user_id, service_principal_id, api_token_id) = 1),
        UNIQUE (organization_id, grantee_id, node_id),
        FOREIGN KEY (organization_id, stack_id) REFERENCES stacks (organization_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organization_id, namespace_id) REFERENCES namespaces (organization_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organization_id, module_id) REFERENCES modules (organization_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organization_id, service_principal_id)
          REFERENCES service_principals (organization_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organization_id, api_token_id) REFERENCES api_tokens (organization_id, id) ON DELETE CASCADE
      );
      CREATE INDEX role_grants_by_node ON role_grants (organization_id, node_id, id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE role_grants');
  }
}
