import { Injectable } from '@nestjs/common';
import type {
  EngineOutput,
  ModuleOutputs as ModuleOutputsView,
  ModuleOutputVersion,
  OrganizationId,
  Page,
} from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { notFound } from '../platform/errors.js';
import { decodeCursor, toPage, type PageQuery } from '../platform/page.js';
import { ModuleOutputRepository } from './module-output.repository.js';
import { OutputSeal } from './output-seal.js';

const VERSION = /^[1-9]\d{0,8}$/;

/** What modules have put out, for people and for modules that take it. */
@Injectable()
export class ModuleOutputs {
  constructor(
    private readonly repository: ModuleOutputRepository,
    private readonly seal: OutputSeal,
  ) {}

  /** @throws AppError 404 */
  async get({ organizationId }: Caller, moduleId: string): Promise<ModuleOutputsView> {
    const read = await this.repository.read({ organizationId, moduleId });
    if (read === null) throw notFound('module');
    const { set, outputs } = read;
    return {
      version: set?.version ?? 0,
      changedAt: set?.changedAt.toISOString() ?? null,
      jobId: set?.jobId ?? null,
      outputs,
    };
  }

  /** Newest first. @throws AppError 404 */
  async versions(
    { organizationId }: Caller,
    moduleId: string,
    { cursor, limit }: PageQuery,
  ): Promise<Page<ModuleOutputVersion>> {
    const after = decodeCursor(cursor, VERSION);
    const page = { before: after === null ? null : Number(after), limit: limit + 1 };
    const rows = await this.repository.sets({ organizationId, moduleId }, page);
    if (rows === null) throw notFound('module');
    return toPage(
      rows,
      limit,
      ({ version }) => String(version),
      ({ changedAt, ...row }) => ({ ...row, changedAt: changedAt.toISOString() }),
    );
  }

  /**
   * Values for modules that take them, sensitive ones too.
   *
   * @returns one for each reference, in order; null: it was never put out, or is not any more
   * @throws AppError 409 when a sensitive one was sealed with another encryption key
   */
  async values(
    organizationId: OrganizationId,
    references: readonly { readonly moduleId: string; readonly output: string }[],
  ): Promise<(EngineOutput | null)[]> {
    if (references.length === 0) return [];
    const found = await this.repository.find(organizationId, references);
    return found.map((stored, index) => {
      if (stored === null) return null;
      const { name, value, sealed } = stored;
      const json = sealed === null ? value! : this.seal.open(references[index]!.moduleId, name, sealed);
      return { value: JSON.parse(json) as unknown, sensitive: sealed !== null };
    });
  }
}
