import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { DefinitionChanges, HierarchyLevel } from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { again } from '../database/database.js';
import { takenModulesOf } from '../modules/settings-change.js';
import { HierarchyWriter } from '../modules/hierarchy-writer.js';
import { badRequest, notFound } from '../platform/errors.js';
import { readDefinedNodes } from './defined-node.js';
import { DefinitionImport, type ImportOutcome } from './definition-import.js';
import { assertNotTooLarge } from './definition-limits.js';
import { DefinitionProblems, type DefinitionText } from './definition-text.js';
import { DefinitionRepository } from './definition.repository.js';
import { everyNode } from './module-paths.js';
import { readYaml } from './read-yaml.js';
import { writeDefinition } from './write-definition.js';

export interface ImportOptions {
  /** Everything is done, checks included, and then undone. */
  readonly dryRun: boolean;
  /** What the definition does not have is deleted. */
  readonly prune: boolean;
}

/** Carries what a dry run found out of its transaction, which it ends. */
class DryRun extends Error {
  constructor(readonly outcome: ImportOutcome) {
    super('dry run');
  }
}

/** Stacks, namespaces and modules as one text, and back. */
@Injectable()
export class DefinitionService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly definitions: DefinitionRepository,
    private readonly writer: HierarchyWriter,
  ) {}

  /** @param id of the organization: its own. @throws AppError 404, 422 when it is too large for one text */
  async export({ organizationId }: Caller, kind: HierarchyLevel, id: string): Promise<string> {
    const root = { organizationId, kind, id };
    // of one moment: nothing is in it that refers to what is not
    const text = await this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      assertNotTooLarge(await this.definitions.bytesOf(manager, root));
      const stored = await this.definitions.load(manager, root);
      if (stored === null) throw notFound(kind);
      const taken = [...everyNode(stored)].flatMap(({ settings }) => takenModulesOf(settings));
      const paths = await this.definitions.pathsOf(manager, organizationId, [...new Set(taken)]);
      return writeDefinition(stored, (moduleId) => paths.get(moduleId)!);
    });
    assertNotTooLarge(Buffer.byteLength(text));
    return text;
  }

  /**
   * Makes of what is stored what the definition says, through the door of every other change, all or nothing.
   *
   * @param body YAML as bytes, or the value that was sent as JSON
   * @throws AppError 400 for what a definition may not say, 404, 409 for what cannot be deleted and while another one is
   *   imported, 422 for a secret that is not there
   */
  async import(
    caller: Caller,
    kind: HierarchyLevel,
    id: string,
    body: unknown,
    { dryRun, prune }: ImportOptions,
  ): Promise<DefinitionChanges> {
    const text = textOf(body);
    const problems = new DefinitionProblems(text);
    const defined = readDefinedNodes(text, kind, problems);
    problems.assertNone(400, 'validation_failed');
    const root = { organizationId: caller.organizationId, kind, id };
    const work = (manager: EntityManager): Promise<ImportOutcome> =>
      new DefinitionImport(this.definitions, this.writer, manager, caller, root, text).run(defined, prune);
    return { dryRun, ...(await again(() => (dryRun ? this.undone(work) : this.dataSource.transaction(work)))) };
  }

  private async undone(work: (manager: EntityManager) => Promise<ImportOutcome>): Promise<ImportOutcome> {
    try {
      return await this.dataSource.transaction(async (manager): Promise<never> => {
        throw new DryRun(await work(manager));
      });
    } catch (error) {
      if (error instanceof DryRun) return error.outcome;
      throw error;
    }
  }
}

function textOf(body: unknown): DefinitionText {
  if (Buffer.isBuffer(body)) return readYaml(body);
  if (body === undefined || body === null) throw badRequest('malformed_yaml', 'The body has no definition.');
  return { value: body, positionOf: () => null };
}
