import { Injectable } from '@nestjs/common';
import type { JobScope, OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { AppError } from '../platform/errors.js';

/** Innermost first: each part tells the parts around it. $1 organization, $2 to $4 the ids. */
const RESOLVE: Statement = {
  name: 'scope.resolve',
  text: /* sql */ `
    SELECT w.position::int AS position, s.id AS "stackId", n.id AS "namespaceId", m.id AS "moduleId"
    FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) WITH ORDINALITY AS w (stack_id, namespace_id, module_id, position)
    LEFT JOIN modules m ON m.organization_id = $1 AND m.id = w.module_id
    LEFT JOIN namespaces n ON n.organization_id = $1 AND n.id = COALESCE(m.namespace_id, w.namespace_id)
    JOIN stacks s ON s.organization_id = $1 AND s.id = COALESCE(n.stack_id, w.stack_id)
    WHERE s.id = w.stack_id
      AND (w.namespace_id IS NULL OR n.id = w.namespace_id)
      AND (w.module_id IS NULL OR m.id = w.module_id)`,
};

interface ResolvedRow extends JobScope {
  /** From 1. */
  readonly position: number;
}

/** What jobs say that they deploy, against the hierarchy of the organization. */
@Injectable()
export class ScopeService {
  constructor(private readonly database: Database) {}

  /**
   * The scopes with every outer id filled in, in the one spelling of the database; null stays null.
   *
   * @throws AppError 422 `unknown_scope` when any of them is not there, is of another organization, or its parts do
   *   not belong together: which of these it was is not told
   */
  async resolve(organizationId: OrganizationId, scopes: readonly (JobScope | null)[]): Promise<(JobScope | null)[]> {
    const asked = scopes.filter((scope) => scope !== null);
    if (asked.length === 0) return [...scopes];
    const rows = await this.database.query<ResolvedRow>(RESOLVE, [
      organizationId,
      asked.map((scope) => scope.stackId),
      asked.map((scope) => scope.namespaceId),
      asked.map((scope) => scope.moduleId),
    ]);
    const found = new Map(rows.map((row) => [asked[row.position - 1], row]));
    return scopes.map((scope) => (scope === null ? null : resolved(found.get(scope))));
  }
}

function resolved(row: ResolvedRow | undefined): JobScope {
  if (row === undefined) {
    throw new AppError(422, 'unknown_scope', 'The scope names a stack, namespace or module that does not exist.');
  }
  const { stackId, namespaceId, moduleId } = row;
  return { stackId, namespaceId, moduleId };
}
