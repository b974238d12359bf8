import { randomUUID } from 'node:crypto';
import type pg from 'pg';

export interface Hierarchy {
  readonly stackId: string;
  readonly namespaceId: string;
  readonly moduleId: string;
}

/** A stack with one namespace and one module in it, in any organization. */
export async function insertHierarchy(client: pg.Client, organizationId: string, name: string): Promise<Hierarchy> {
  const [stackId, namespaceId, moduleId] = [randomUUID(), randomUUID(), randomUUID()];
  await client.query('INSERT INTO stacks (id, organization_id, name) VALUES ($1, $2, $3)', [
    stackId,
    organizationId,
    name,
  ]);
  await client.query('INSERT INTO namespaces (id, organization_id, stack_id, name) VALUES ($1, $2, $3, $4)', [
    namespaceId,
    organizationId,
    stackId,
    'network',
  ]);
  await client.query('INSERT INTO modules (id, organization_id, namespace_id, name) VALUES ($1, $2, $3, $4)', [
    moduleId,
    organizationId,
    namespaceId,
    'vpc',
  ]);
  return { stackId, namespaceId, moduleId };
}
