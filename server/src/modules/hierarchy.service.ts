import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type {
  AssignmentKind,
  CreateHierarchyNodeBody,
  EffectiveSettings,
  HierarchyNodeSummary,
  HierarchyNodeView,
  ModuleSettings,
  OrganizationId,
  OrganizationSettingsView,
  Page,
  UpdateHierarchyNodeBody,
  UpdateOrganizationSettingsBody,
} from '@dibs/shared';
import { AuditLog, by } from '../auth/audit/audit-log.js';
import type { Caller } from '../auth/caller.js';
import { RaisedCaller } from '../auth/grants/raised-caller.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { effectiveSettings } from '../domain/modules/effective-settings.js';
import { JOB_DEFAULTS } from '../jobs/spec/fill-job-spec.js';
import { AppError, conflict, notFound } from '../platform/errors.js';
import { decodeCursor, toPage, type PageQuery } from '../platform/page.js';
import { uuidv7 } from '../platform/uuid.js';
import { nodeSummary, nodeView } from './hierarchy-view.js';
import { HierarchyRepository, type LevelRow, type NodeKey } from './hierarchy.repository.js';
import { NO_SETTINGS, SettingsChange, takenModulesOf } from './settings-change.js';
import { toldOfPatch } from './told-of-patch.js';

const PARENT_OF = { stack: 'organization', namespace: 'stack', module: 'namespace' } as const;
const INSIDE = { stack: 'namespaces', namespace: 'modules', module: 'nothing' } as const;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Stacks, namespaces and modules: all three are a name and settings inside something else. */
@Injectable()
export class HierarchyService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly hierarchy: HierarchyRepository,
    private readonly change: SettingsChange,
    private readonly audit: AuditLog,
    private readonly raised: RaisedCaller,
  ) {}

  /** @param parentId of stacks: the organization's. @throws AppError 404 when there is no such parent */
  async list(
    { organizationId }: Caller,
    kind: AssignmentKind,
    parentId: string,
    { cursor, limit }: PageQuery,
  ): Promise<Page<HierarchyNodeSummary>> {
    const parent = PARENT_OF[kind];
    const around = parent === 'organization' ? [] : await this.chain({ organizationId, kind: parent, id: parentId });
    const after = decodeCursor(cursor, NAME);
    const rows = await this.hierarchy.list(organizationId, kind, parentId, { after, limit: limit + 1 });
    return toPage(
      rows,
      limit,
      ({ name }) => name,
      (row) => nodeSummary(kind, around, row),
    );
  }

  async get(caller: Caller, kind: AssignmentKind, id: string): Promise<HierarchyNodeView> {
    const chain = await this.chain({ organizationId: caller.organizationId, kind, id });
    const { permissions } = await this.raised.at(caller, kind, id);
    return nodeView(kind, chain, permissions);
  }

  /** What counts for the node, and which level says so. */
  async effective({ organizationId }: Caller, kind: AssignmentKind, id: string): Promise<EffectiveSettings> {
    return effectiveSettings(await this.chain({ organizationId, kind, id }), JOB_DEFAULTS);
  }

  /** @throws AppError 404 for a parent that is not there, 409 for a name that is taken */
  async create(
    caller: Caller,
    kind: AssignmentKind,
    parentId: string,
    { name, settings: patch = {} }: CreateHierarchyNodeBody,
  ): Promise<HierarchyNodeView> {
    const { organizationId } = caller;
    const id = uuidv7();
    const stored = this.change.apply({ level: kind, id }, NO_SETTINGS, patch);
    const node = { id, organizationId, kind, parentId, name, ...stored };
    await orNameTaken(
      kind,
      this.dataSource.transaction(async (manager) => {
        if (!(await this.hierarchy.insert(manager, node))) throw notFound(PARENT_OF[kind]);
        await this.saveReferences(manager, organizationId, id, stored.settings);
        const data = { name, settings: toldOfPatch(patch) };
        await this.audit.write(manager, { ...by(caller), action: `${kind}.created`, target: node.id, data });
      }),
    );
    return this.get(caller, kind, node.id);
  }

  /** @throws AppError 409 for a name that is taken */
  async update(
    caller: Caller,
    kind: AssignmentKind,
    id: string,
    { name, settings: patch = {} }: UpdateHierarchyNodeBody,
  ): Promise<HierarchyNodeView> {
    const key = { organizationId: caller.organizationId, kind, id };
    await orNameTaken(
      kind,
      this.dataSource.transaction(async (manager) => {
        const before = await this.hierarchy.lock(manager, key);
        if (before === null) throw notFound(kind);
        const after = { name: name ?? before.name, ...this.change.apply({ level: kind, id }, before, patch) };
        await this.hierarchy.update(manager, key, after);
        await this.saveReferences(manager, key.organizationId, id, after.settings);
        const data = { name: after.name, before: before.name, settings: toldOfPatch(patch) };
        await this.audit.write(manager, { ...by(caller), action: `${kind}.updated`, target: id, data });
      }),
    );
    return this.get(caller, kind, id);
  }

  /** @throws AppError 409 while something is inside, jobs of it have not ended, or others take its outputs */
  async delete(caller: Caller, kind: AssignmentKind, id: string): Promise<void> {
    const key = { organizationId: caller.organizationId, kind, id };
    await this.dataSource.transaction(async (manager) => {
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
    });
  }

  async organizationSettings({ organizationId }: Caller): Promise<OrganizationSettingsView> {
    const { settings } = await this.hierarchy.organization(organizationId);
    return { settings };
  }

  async updateOrganizationSettings(
    caller: Caller,
    { settings: patch }: UpdateOrganizationSettingsBody,
  ): Promise<OrganizationSettingsView> {
    const { organizationId } = caller;
    const settings = await this.dataSource.transaction(async (manager): Promise<ModuleSettings> => {
      const before = await this.hierarchy.lockOrganization(manager, organizationId);
      const after = this.change.apply({ level: 'organization', id: organizationId }, before, patch);
      await this.hierarchy.updateOrganization(manager, organizationId, after);
      await this.saveReferences(manager, organizationId, organizationId, after.settings);
      const data = { settings: toldOfPatch(patch) };
      const action = 'module_settings.updated';
      await this.audit.write(manager, { ...by(caller), action, target: organizationId, data });
      return after.settings;
    });
    return { settings };
  }

  /** @throws AppError 422 when an input takes the output of a module that is not there, or is foreign */
  private async saveReferences(
    manager: EntityManager,
    organizationId: OrganizationId,
    takerId: string,
    settings: ModuleSettings,
  ): Promise<void> {
    const known = await this.hierarchy.saveReferences(manager, organizationId, takerId, takenModulesOf(settings));
    if (!known) throw new AppError(422, 'unknown_module', 'An input takes the output of a module that does not exist.');
  }

  /** @throws AppError 404 */
  private async chain(key: NodeKey): Promise<LevelRow[]> {
    const chain = await this.hierarchy.chain(key);
    if (chain.at(-1)?.level !== key.kind) throw notFound(key.kind);
    return chain;
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
