import { Injectable } from '@nestjs/common';
import type { HierarchyLevel, ModuleDependency, ModuleGraph, ModuleSettings, OrganizationId } from '@dibs/shared';
import { Database, type Queryable, type Statement } from '../database/database.js';
import { effectiveInputs } from '../domain/modules/effective-inputs.js';
import { dependenciesOf, orderOf, type GraphModule, type ModuleOrder } from '../domain/modules/module-graph.js';
import type { ScopePlace } from './scope-run.repository.js';

/** Of settings the inputs alone: files may be large. */
const INPUTS = `jsonb_build_object('variables', COALESCE(x.settings->'variables', '{}'),
  'environment', COALESCE(x.settings->'environment', '{}')) AS settings`;

/** All levels around the modules, and those; outermost first, then by name. $2 stack, $3 namespace or null: all */
const LEVELS: Statement = {
  name: 'scope-graph.levels',
  text: /* sql */ `
    SELECT 'organization' AS level, x.id, NULL::uuid AS "parentId", x.name, 0 AS depth, ${INPUTS}
    FROM organizations x WHERE x.id = $1
    UNION ALL
    SELECT 'stack', x.id, x.organization_id, x.name, 1, ${INPUTS}
    FROM stacks x WHERE x.organization_id = $1 AND x.id = $2
    UNION ALL
    SELECT 'namespace', x.id, x.stack_id, x.name, 2, ${INPUTS}
    FROM namespaces x WHERE x.organization_id = $1 AND x.stack_id = $2 AND ($3::uuid IS NULL OR x.id = $3)
    UNION ALL
    SELECT 'module', x.id, x.namespace_id, x.name, 3, ${INPUTS}
    FROM modules x JOIN namespaces n ON n.organization_id = x.organization_id AND n.id = x.namespace_id
    WHERE x.organization_id = $1 AND n.stack_id = $2 AND ($3::uuid IS NULL OR n.id = $3)
    ORDER BY depth, name`,
};

const PATHS: Statement = {
  name: 'scope-graph.paths',
  text: /* sql */ `
    SELECT m.id AS "moduleId", s.name || '/' || n.name || '/' || m.name AS path
    FROM modules m
    JOIN namespaces n ON n.organization_id = m.organization_id AND n.id = m.namespace_id
    JOIN stacks s ON s.organization_id = n.organization_id AND s.id = n.stack_id
    WHERE m.organization_id = $1 AND m.id = ANY($2::uuid[]) ORDER BY path`,
};

interface LevelRow {
  readonly level: HierarchyLevel;
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly settings: ModuleSettings;
}

export interface ScopeModules extends ModuleOrder {
  /** By id. */
  readonly paths: ReadonlyMap<string, string>;
  /** Also on modules that are elsewhere. */
  readonly dependencies: readonly ModuleDependency[];
}

/** Which modules of a stack or namespace take whose outputs, by the settings that count at this moment. */
@Injectable()
export class ScopeGraph {
  constructor(private readonly database: Database) {}

  async read(
    on: Queryable,
    organizationId: OrganizationId,
    { stackId, namespaceId }: Pick<ScopePlace, 'stackId' | 'namespaceId'>,
  ): Promise<ScopeModules> {
    const rows = await on.query<LevelRow>(LEVELS, [organizationId, stackId, namespaceId]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    const chains = rows.filter(({ level }) => level === 'module').map((row) => chainOf(row, byId));
    const pathed = chains.map((chain): [string, string] => [chain.at(-1)!.id, pathOf(chain)]);
    const paths = new Map(pathed.sort(([, a], [, b]) => (a < b ? -1 : 1)));
    const dependencies = dependenciesOf(chains.map(toGraphModule));
    return { paths, dependencies, ...orderOf([...paths.keys()], dependencies) };
  }

  async view(organizationId: OrganizationId, place: ScopePlace): Promise<ModuleGraph> {
    const { paths, dependencies, circles } = await this.read(this.database, organizationId, place);
    const outside = dependencies.map(({ from }) => from).filter((id) => !paths.has(id));
    const elsewhere = await this.database.query<{ moduleId: string; path: string }>(PATHS, [organizationId, outside]);
    const inside = [...paths].map(([moduleId, path]) => ({ moduleId, path, isInside: true }));
    return {
      modules: [...inside, ...elsewhere.map((node) => ({ ...node, isInside: false }))],
      dependencies,
      circles,
    };
  }
}

/** Outermost first. */
function chainOf(row: LevelRow, byId: ReadonlyMap<string, LevelRow>): LevelRow[] {
  const parent = row.parentId === null ? undefined : byId.get(row.parentId);
  return parent === undefined ? [row] : [...chainOf(parent, byId), row];
}

function pathOf(chain: readonly LevelRow[]): string {
  return chain
    .filter(({ level }) => level !== 'organization')
    .map(({ name }) => name)
    .join('/');
}

function toGraphModule(chain: readonly LevelRow[]): GraphModule {
  const of = (kind: 'variables' | 'environment') => effectiveInputs(chain, kind);
  return { moduleId: chain.at(-1)!.id, inputs: { variables: of('variables'), environment: of('environment') } };
}
