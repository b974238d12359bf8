import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type {
  AssignmentKind,
  CreateHierarchyNodeBody,
  EffectiveSettings,
  HierarchyNodeSummary,
  HierarchyNodeView,
  OrganizationSettingsView,
  Page,
  UpdateHierarchyNodeBody,
  UpdateOrganizationSettingsBody,
} from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { RaisedCaller } from '../auth/grants/raised-caller.js';
import { effectiveSettings } from '../domain/modules/effective-settings.js';
import { JOB_DEFAULTS } from '../jobs/spec/fill-job-spec.js';
import { notFound } from '../platform/errors.js';
import { decodeCursor, toPage, type PageQuery } from '../platform/page.js';
import { nodeSummary, nodeView } from './hierarchy-view.js';
import { HierarchyWriter, PARENT_OF } from './hierarchy-writer.js';
import { HierarchyRepository, type LevelRow, type NodeKey } from './hierarchy.repository.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Stacks, namespaces and modules: all three are a name and settings inside something else. */
@Injectable()
export class HierarchyService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly hierarchy: HierarchyRepository,
    private readonly writer: HierarchyWriter,
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
    { name, settings = {} }: CreateHierarchyNodeBody,
  ): Promise<HierarchyNodeView> {
    const id = await this.dataSource.transaction((manager) =>
      this.writer.create(manager, caller, { kind, parentId, name }, settings),
    );
    return this.get(caller, kind, id);
  }

  /** @throws AppError 409 for a name that is taken */
  async update(
    caller: Caller,
    kind: AssignmentKind,
    id: string,
    body: UpdateHierarchyNodeBody,
  ): Promise<HierarchyNodeView> {
    await this.dataSource.transaction((manager) => this.writer.update(manager, caller, kind, id, body));
    return this.get(caller, kind, id);
  }

  /** @throws AppError 409 while something is inside, jobs of it have not ended, or others take its outputs */
  async delete(caller: Caller, kind: AssignmentKind, id: string): Promise<void> {
    await this.dataSource.transaction((manager) => this.writer.delete(manager, caller, kind, id));
  }

  async organizationSettings({ organizationId }: Caller): Promise<OrganizationSettingsView> {
    const { settings } = await this.hierarchy.organization(organizationId);
    return { settings };
  }

  async updateOrganizationSettings(
    caller: Caller,
    { settings: patch }: UpdateOrganizationSettingsBody,
  ): Promise<OrganizationSettingsView> {
    const settings = await this.dataSource.transaction((manager) =>
      this.writer.updateOrganization(manager, caller, patch),
    );
    return { settings };
  }

  /** @throws AppError 404 */
  private async chain(key: NodeKey): Promise<LevelRow[]> {
    const chain = await this.hierarchy.chain(key);
    if (chain.at(-1)?.level !== key.kind) throw notFound(key.kind);
    return chain;
  }
}
