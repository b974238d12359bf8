import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AssignmentKind, ModuleSettings, ModuleSettingsPatch, OrganizationId } from '@dibs/shared';
import { AuditLog, by } from '../auth/audit/audit-log.js';
import type { Caller } from '../auth/caller.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { AppError, conflict, notFound } from '../platform/errors.js';
import { uuidv7 } from '../platform/uuid.js';
import { unknownArchive } from '../source-archives/unknown-archive.js';
import { HierarchyRepository, type NodeKey } from './hierarchy.repository.js';
import { NO_SETTINGS, SettingsChange, takenModulesOf } from './settings-change.js';
import { toldOfPatch } from './told-of-patch.js';

export const PARENT_OF = { stack: 'organization', namespace: 'stack', module: 'namespace' } as const;
const INSIDE = { stack: 'namespaces', namespace: 'modules', module: 'nothing' } as const;

export interface NodePatch {
  readonly name?: string;
  readonly settings?: ModuleSettingsPatch;
}

/**
 * The one door for changes of the hierarchy, whether somebody changes one node or imports a definition of many: the same
 * checks and the same audit trail, all in the transaction of whoever asks, which must be rolled back when this throws.
 */
@Injectable()
export class HierarchyWriter {
  constructor(
    private readonly hierarchy: HierarchyRepository,
    private readonly change: SettingsChange,
    private readonly audit: AuditLog,
  ) {}

  /**
   * @param parentId of stacks: the organization's
   * @returns the id of the new node
   * @throws AppError 404 for a parent that is not there, 409 for a name that is taken
   */
  async create(
    manager: EntityManager,
    caller: Caller,
    { kind, parentId, name }: { readonly kind: AssignmentKind; readonly parentId: string; readonly name: string },
    patch: ModuleSettingsPatch,
  ): Promise<string> {
    const { organizationId } = caller;
    const id = uuidv7();
    const stored = this.change.apply({ level: kind, id }, NO_SETTINGS, patch);
    const inserted = this.hierarchy.insert(manager, { id, organizationId, kind, parentId, name, ...stored });
    if (!(await orNameTaken(kind, inserted))) throw notFound(PARENT_OF[kind]);
    await this.saveReferences(manager, organizationId, id, stored.settings);
    const data = { name, settings: toldOfPatch(patch) };
    await this.audit.write(manager, { ...by(caller), action: `${kind}.created`, target: id, data });
    return id;
  }

  /** @throws AppError 404, 409 for a name that is taken */
  async update(
    manager: EntityManager,
    caller: Caller,
    kind: AssignmentKind,
    id: string,
    { name, settings: patch = {} }: NodePatch,
  ): Promise<void> {
    const key = { organizationId: caller.organizationId, kind, id };
    const before = await this.hierarchy.lock(manager, key);
    if (before === null) throw notFound(kind);
    const after = { name: name ?? before.name, ...this.change.apply({ level: kind, id }, before, patch) };
    await orNameTaken(kind, this.hierarchy.update(manager, key, after));
    await this.saveReferences(manager, key.organizationId, id, after.settings);
    const data = { name: after.name, before: before.name, settings: toldOfPatch(patch) };
    await this.audit.write(manager, { ...by(caller), action: `${kind}.updated`, target: id, data });
  }

  async updateOrganization(
    manager: EntityManager,
    caller: Caller,
    patch: ModuleSettingsPatch,
  ): Promise<ModuleSettings> {
    const { organizationId } = caller;
    const before = await this.hierarchy.lockOrganization(manager, organizationId);
    const after = this.change.apply({ level: 'organization', id: organizationId }, before, patch);
    await this.hierarchy.updateOrganization(manager, organizationId, after);
    await this.saveReferences(manager, organizationId, organizationId, after.settings);
    const data = { settings: toldOfPatch(patch) };
    const action = 'module_settings.updated';
    await this.audit.write(manager, { ...by(caller), action, target: organizationId, data });
    return after.settings;
  }

  /** @throws AppError 404, 409 while something is inside, jobs of it have not ended, or others take its outputs */
  async delete(manager: EntityManager, caller: Caller, kind: AssignmentKind, id: string): Promise<void> {
    const key: NodeKey = { organizationId: caller.organizationId, kind, id };
    const name = await this.hierarchy.lockForDeletion(manager, key);
    if (name === null) throw notFound(kind);
    const children = await this.hierarchy.countChildren(manager, key);
    if (children > 0) {
      throw conflict('not_empty', `The ${kind} has ${INSIDE[kind]} inside (${children}). Delete them first.`);
    }
    if (await this.hierarchy.hasOpenJobs(manager, key)) {
      throw conflict('has_open_jobs', `Jobs of the ${kind} have not ended. Cancel them or wait for them.`);
    }
    if (await this.hierarchy.hasOpenRuns(manager, key)) {
      throw conflict('has_open_runs', `A run of the ${kind} has not ended. Decide on it, cancel it or wait for it.`);
    }
    const takers = await this.hierarchy.countTakers(manager, key);
    if (takers > 0) {
      throw conflict('in_use', `Outputs of the ${kind} are taken in other settings (${takers}). Change those first.`);
    }
    await this.hierarchy.saveReferences(manager, key.organizationId, id, []);
    await this.hierarchy.delete(manager, key);
    await this.audit.write(manager, { ...by(caller), action: `${kind}.deleted`, target: id, data: { name } });
  }

  /** Of levels that are about to be deleted together: outputs that they take of each other keep none of them. */
  async forgetReferences(
    manager: EntityManager,
    { organizationId }: Caller,
    takerIds: readonly string[],
  ): Promise<void> {
    for (const id of takerIds) await this.hierarchy.saveReferences(manager, organizationId, id, []);
  }

  /** @throws AppError 422 when an input takes the output of a module, or the source is an archive, that is not there or is foreign */
  private async saveReferences(
    manager: EntityManager,
    organizationId: OrganizationId,
    takerId: string,
    settings: ModuleSettings,
  ): Promise<void> {
    const known = await this.hierarchy.saveReferences(manager, organizationId, takerId, takenModulesOf(settings));
    if (!known) throw new AppError(422, 'unknown_module', 'An input takes the output of a module that does not exist.');
    const { source } = settings;
    if (source?.type !== 'archive' || (await this.hierarchy.useArchive(manager, organizationId, source.sha256))) return;
    throw unknownArchive(source.sha256, 'settings.');
  }
}

async function orNameTaken<T>(kind: AssignmentKind, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw conflict('name_taken', `There is a ${kind} of this name in the ${PARENT_OF[kind]} already.`);
  }
}
