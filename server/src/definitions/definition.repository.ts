import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ASSIGNMENT_KINDS, type AssignmentKind, type HierarchyLevel, type ModuleSettings } from '@dibs/shared';
import type { OrganizationId } from '@dibs/shared';
import { CHAIN } from '../modules/hierarchy.sql.js';
import * as sql from './definition.sql.js';

/** What a definition is of. */
export interface DefinitionRoot {
  readonly organizationId: OrganizationId;
  readonly kind: HierarchyLevel;
  readonly id: string;
}

/** A level as it is stored, with all inside it by their names. */
export interface StoredNode {
  readonly kind: HierarchyLevel;
  readonly id: string;
  /** Names from the stack on; of the organization: ''. */
  readonly path: string;
  readonly settings: ModuleSettings;
  readonly inner: Map<string, StoredNode>;
}

interface NodeRow {
  readonly id: string;
  readonly parentId: string;
  readonly name: string;
  readonly settings: ModuleSettings;
}

/** Everything in the transaction of whoever asks. */
@Injectable()
export class DefinitionRepository {
  /** @returns false: another import of the organization is going on */
  async takeTurn(manager: EntityManager, organizationId: OrganizationId): Promise<boolean> {
    const [row]: { taken: boolean }[] = await manager.query(sql.TAKE_TURN, [organizationId]);
    return row!.taken;
  }

  /** Of all settings of it and inside it, as JSON. */
  async bytesOf(manager: EntityManager, { organizationId, kind, id }: DefinitionRoot): Promise<number> {
    let sum = 0;
    for (const each of ASSIGNMENT_KINDS) {
      const text = sql.bytesWithin(each, kind);
      if (text === null) continue;
      const [row]: { bytes: number }[] = await manager.query(text, [organizationId, id]);
      sum += row!.bytes;
    }
    return sum;
  }

  /** @returns null: there is no such level */
  async load(manager: EntityManager, root: DefinitionRoot, { locked = false } = {}): Promise<StoredNode | null> {
    const { organizationId, kind, id } = root;
    const nodes = new Map<string, StoredNode>();
    if (kind === 'organization') {
      const text = locked ? sql.ORGANIZATION_LOCKED : sql.ORGANIZATION;
      const [row]: Pick<NodeRow, 'settings'>[] = await manager.query(text, [organizationId]);
      nodes.set(id, { kind, id, path: '', settings: row!.settings, inner: new Map() });
    }
    for (const each of ASSIGNMENT_KINDS) {
      const text = sql.nodesWithin(each, kind, locked);
      if (text === null) continue;
      const rows: NodeRow[] = await manager.query(text, [organizationId, id]);
      const path = each === kind && rows.length > 0 ? await this.pathOf(manager, root) : null;
      for (const row of rows) insert(nodes, each, row, path);
    }
    return nodes.get(id) ?? null;
  }

  /** Of modules, by their paths; those that are not there are missing. */
  async modulesAt(manager: EntityManager, organizationId: OrganizationId, paths: readonly string[]) {
    const rows: { id: string; path: string }[] = await manager.query(sql.MODULES_AT, [organizationId, paths]);
    return new Map(rows.map(({ id, path }) => [path, id]));
  }

  async pathsOf(manager: EntityManager, organizationId: OrganizationId, ids: readonly string[]) {
    const rows: { id: string; path: string }[] = await manager.query(sql.PATHS_OF, [organizationId, ids]);
    return new Map(rows.map(({ id, path }) => [id, path]));
  }

  private async pathOf(manager: EntityManager, { organizationId, kind, id }: DefinitionRoot): Promise<string> {
    const levels: { name: string }[] = await manager.query(CHAIN.text, [organizationId, kind, id]);
    return levels
      .slice(1)
      .map(({ name }) => name)
      .join('/');
  }
}

/** @param path of the root itself; null: it is inside another of the nodes */
function insert(
  nodes: Map<string, StoredNode>,
  kind: AssignmentKind,
  { id, parentId, name, settings }: NodeRow,
  path: string | null,
): void {
  const parent = nodes.get(parentId);
  // made inside a part that was itself made after that part was read
  if (path === null && parent === undefined) return;
  const around = parent === undefined || parent.path === '' ? '' : `${parent.path}/`;
  const node: StoredNode = { kind, id, path: path ?? around + name, settings, inner: new Map() };
  nodes.set(id, node);
  parent?.inner.set(name, node);
}
