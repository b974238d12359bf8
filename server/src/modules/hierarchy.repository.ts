import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AssignmentKind, HierarchyLevel, ModuleSettings, OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { USE } from '../source-archives/source-archive.sql.js';
import * as sql from './hierarchy.sql.js';
import type { StoredSettings } from './settings-change.js';

/** One level of the way from the organization to a node. */
export interface LevelRow {
  readonly level: HierarchyLevel;
  readonly id: string;
  readonly name: string;
  readonly settings: ModuleSettings;
  /** null: of the organization */
  readonly createdAt: Date | null;
  readonly updatedAt: Date | null;
}

export interface NodeRow {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A node as it is changed: under a lock. */
export interface LockedNode extends StoredSettings {
  readonly name: string;
}

export interface NewNode extends StoredSettings {
  readonly id: string;
  readonly organizationId: OrganizationId;
  readonly kind: AssignmentKind;
  /** Of a stack: the organization. */
  readonly parentId: string;
  readonly name: string;
}

/** A node to look up or change, among those of one organization. */
export interface NodeKey {
  readonly organizationId: OrganizationId;
  readonly kind: AssignmentKind;
  readonly id: string;
}

@Injectable()
export class HierarchyRepository {
  constructor(private readonly database: Database) {}

  /** The organization and the levels down to the node; the organization alone: there is no such node. */
  chain({ organizationId, kind, id }: NodeKey): Promise<LevelRow[]> {
    return this.database.query(sql.CHAIN, [organizationId, kind, id]);
  }

  /** The same with the secrets of every level, for who makes jobs of them. */
  chainWithSecrets({ organizationId, kind, id }: NodeKey): Promise<(LevelRow & StoredSettings)[]> {
    return this.database.query(sql.CHAIN_WITH_SECRETS, [organizationId, kind, id]);
  }

  /** The organization's own level. */
  async organization(organizationId: OrganizationId): Promise<LevelRow> {
    const [row] = await this.database.query<LevelRow>(sql.CHAIN, [organizationId, 'organization', organizationId]);
    return row!;
  }

  /** Those directly inside the parent, by name. */
  list(
    organizationId: OrganizationId,
    kind: AssignmentKind,
    parentId: string,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<NodeRow[]> {
    return this.database.query(sql.LIST[kind], [organizationId, parentId, page.after, page.limit]);
  }

  /** @returns false: there is no such parent. Throws a unique violation when the name is taken. */
  async insert(manager: EntityManager, { organizationId, kind, ...node }: NewNode): Promise<boolean> {
    const settings = JSON.stringify(node.settings);
    const values = [organizationId, node.id, node.parentId, node.name, settings, node.sealed];
    return (await rowsOf(manager, sql.INSERT[kind], values)).length > 0;
  }

  /** @returns null: there is no such node */
  async lock(manager: EntityManager, { organizationId, kind, id }: NodeKey): Promise<LockedNode | null> {
    const [row] = await rowsOf<LockedNode>(manager, sql.LOCK[kind], [organizationId, id]);
    return row ?? null;
  }

  /** Throws a unique violation when the name is taken. */
  async update(
    manager: EntityManager,
    { organizationId, kind, id }: NodeKey,
    { name, settings, sealed }: LockedNode,
  ): Promise<void> {
    await rowsOf(manager, sql.UPDATE[kind], [organizationId, id, name, JSON.stringify(settings), sealed]);
  }

  /** Keeps others from making nodes inside it. @returns its name; null: there is no such node */
  async lockForDeletion(manager: EntityManager, { organizationId, kind, id }: NodeKey): Promise<string | null> {
    const [row] = await rowsOf<{ name: string }>(manager, sql.LOCK_FOR_DELETION[kind], [organizationId, id]);
    return row?.name ?? null;
  }

  async countChildren(manager: EntityManager, { organizationId, kind, id }: NodeKey): Promise<number> {
    const [row] = await rowsOf<{ count: number }>(manager, sql.COUNT_CHILDREN[kind], [organizationId, id]);
    return row?.count ?? 0;
  }

  async hasOpenJobs(manager: EntityManager, { organizationId, kind, id }: NodeKey): Promise<boolean> {
    const [row] = await rowsOf<{ open: boolean }>(manager, sql.HAS_OPEN_JOBS[kind], [organizationId, id]);
    return row?.open ?? false;
  }

  async hasOpenRuns(manager: EntityManager, { organizationId, id }: NodeKey): Promise<boolean> {
    const [row]: { open: boolean }[] = await manager.query(sql.HAS_OPEN_RUNS, [organizationId, id]);
    return row?.open ?? false;
  }

  async delete(manager: EntityManager, { organizationId, kind, id }: NodeKey): Promise<void> {
    await rowsOf(manager, sql.DELETE[kind], [organizationId, id]);
  }

  async lockOrganization(manager: EntityManager, organizationId: OrganizationId): Promise<StoredSettings> {
    const [row]: StoredSettings[] = await manager.query(sql.LOCK_ORGANIZATION, [organizationId]);
    return row!;
  }

  async updateOrganization(
    manager: EntityManager,
    organizationId: OrganizationId,
    { settings, sealed }: StoredSettings,
  ): Promise<void> {
    await manager.query(sql.UPDATE_ORGANIZATION, [organizationId, JSON.stringify(settings), sealed]);
  }

  /** @returns false: one of the modules is not there, or is foreign */
  async saveReferences(
    manager: EntityManager,
    organizationId: OrganizationId,
    takerId: string,
    moduleIds: readonly string[],
  ): Promise<boolean> {
    await manager.query(sql.FORGET_REFERENCES, [organizationId, takerId]);
    if (moduleIds.length === 0) return true;
    const rows: unknown[] = await manager.query(sql.ADD_REFERENCES, [organizationId, takerId, moduleIds]);
    return rows.length === moduleIds.length;
  }

  /** Holds the archive for the settings that are about to name it. @returns false: it is not there */
  async useArchive(manager: EntityManager, organizationId: OrganizationId, sha256: string): Promise<boolean> {
    // of an UPDATE typeorm answers with the rows and their number
    const [rows]: [unknown[], number] = await manager.query(USE.text, [organizationId, [sha256]]);
    return rows.length > 0;
  }

  /** How many organizations, stacks, namespaces and modules take outputs of the module in their settings. */
  async countTakers(manager: EntityManager, { organizationId, id }: NodeKey): Promise<number> {
    const [row]: { count: number }[] = await manager.query(sql.COUNT_TAKERS, [organizationId, id]);
    return row?.count ?? 0;
  }
}

async function rowsOf<Row>(manager: EntityManager, { text }: Statement, values: unknown[]): Promise<Row[]> {
  return await manager.query<Row[]>(text, values);
}
