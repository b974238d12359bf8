import { Injectable } from '@nestjs/common';
import type { EffectiveSettings, HierarchyLevel, JobScope, OrganizationId } from '@dibs/shared';
import type { InputValues } from '../domain/modules/resolve-inputs.js';
import { effectiveSettings } from '../domain/modules/effective-settings.js';
import type { SettingsSecrets } from '../domain/modules/merge-settings.js';
import { JOB_DEFAULTS } from '../jobs/spec/fill-job-spec.js';
import { notFound } from '../platform/errors.js';
import { nodeView } from './hierarchy-view.js';
import { HierarchyRepository } from './hierarchy.repository.js';
import { SettingsChange } from './settings-change.js';

/** A module with all that counts for it, for who runs it. */
export interface ReadModule {
  readonly id: string;
  readonly path: string;
  readonly scope: JobScope & { readonly moduleId: string };
  readonly settings: EffectiveSettings;
  /** In clear, by the level that sets them. */
  readonly secrets: ReadonlyMap<HierarchyLevel, SettingsSecrets>;
}

@Injectable()
export class ModuleReader {
  constructor(
    private readonly hierarchy: HierarchyRepository,
    private readonly change: SettingsChange,
  ) {}

  /** @throws AppError 404 when there is no such module, 409 when secrets of a level around it cannot be opened */
  async read(organizationId: OrganizationId, id: string): Promise<ReadModule> {
    const chain = await this.hierarchy.chainWithSecrets({ organizationId, kind: 'module', id });
    if (chain.at(-1)?.level !== 'module') throw notFound('module');
    const { path, scope } = nodeView('module', chain, []);
    const secrets = chain.map((row) => [row.level, this.change.secretsOf(row, row.sealed)] as const);
    return {
      ...{ id, path },
      scope: { ...scope, moduleId: id },
      settings: effectiveSettings(chain, JOB_DEFAULTS),
      secrets: new Map(secrets),
    };
  }
}

/** Finds the secrets of a module. */
export function secretIn({ secrets }: Pick<ReadModule, 'secrets'>): InputValues['secretOf'] {
  // what nobody has set is no secret
  return (origin, kind, name) => (origin === 'default' ? undefined : secrets.get(origin)?.[kind][name]);
}
