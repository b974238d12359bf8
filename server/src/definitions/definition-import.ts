import type { EntityManager } from 'typeorm';
import type { AssignmentKind, DefinitionChange, ModuleSettings } from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import type { HierarchyWriter } from '../modules/hierarchy-writer.js';
import { AppError, conflict, notFound } from '../platform/errors.js';
import type { DefinedNode } from './defined-node.js';
import { assertNotTooLarge } from './definition-limits.js';
import { DefinitionProblems, type DefinitionText } from './definition-text.js';
import type { DefinitionRepository, DefinitionRoot, StoredNode } from './definition.repository.js';
import { everyNode, fullPath } from './module-paths.js';
import { settingsDifference, type SettingsDifference } from './settings-difference.js';
import { missingSecrets, takenPathsOf, wantedSettings } from './wanted-settings.js';

export interface ImportOutcome {
  readonly changes: readonly DefinitionChange[];
  readonly unchangedCount: number;
}

/** A level of the definition beside the one that is stored. */
interface Pair {
  readonly defined: DefinedNode;
  readonly id: string;
  readonly path: string;
  /** Of one that was just made: none. */
  readonly settings: ModuleSettings;
  readonly isNew: boolean;
}

type Planned = Pair & SettingsDifference;

/**
 * One import, in one transaction. What is missing is made first, with no settings yet, so that outputs may be taken of
 * whatever the definition has; then settings are changed; then what is not in the definition is deleted.
 */
export class DefinitionImport {
  private readonly problems: DefinitionProblems;

  constructor(
    private readonly definitions: DefinitionRepository,
    private readonly writer: HierarchyWriter,
    private readonly manager: EntityManager,
    private readonly caller: Caller,
    private readonly root: DefinitionRoot,
    private readonly text: DefinitionText,
  ) {
    this.problems = new DefinitionProblems(text);
  }

  async run(defined: DefinedNode, prune: boolean): Promise<ImportOutcome> {
    const stored = await this.readLocked();
    const pairs = await this.pair(defined, stored, stored);
    const planned = await this.plan(pairs, stored);
    for (const each of planned) if (each.names.length > 0) await this.change(each);
    const known = new Set(pairs.map(({ id }) => id));
    const left = [...everyNode(stored)].filter(({ id }) => !known.has(id));
    if (prune) await this.delete(left);

    const changes = [
      ...planned.flatMap((each) => toldOf(each)),
      ...left.map(({ kind, path }) => ({ kind, path, action: prune ? 'deleted' : 'kept', settings: [] }) as const),
    ];
    changes.sort((a, b) => (a.path < b.path ? -1 : 1));
    return { changes, unchangedCount: planned.filter((each) => toldOf(each).length === 0).length };
  }

  private async readLocked(): Promise<StoredNode> {
    const { manager, root } = this;
    if (!(await this.definitions.takeTurn(manager, root.organizationId))) {
      throw conflict(
        'import_running',
        'Another definition is being imported at this moment. Try again when it is done.',
      );
    }
    assertNotTooLarge(await this.definitions.bytesOf(manager, root));
    const stored = await this.definitions.load(manager, root, { locked: true });
    if (stored === null) throw notFound(root.kind);
    return stored;
  }

  /** Makes what is missing. @param place what is stored there; made anew, it has nothing inside */
  private async pair(
    defined: DefinedNode,
    place: Pick<StoredNode, 'id' | 'path'>,
    stored: StoredNode | null,
  ): Promise<Pair[]> {
    const { id, path } = place;
    const pairs: Pair[] = [{ defined, id, path, settings: stored?.settings ?? {}, isNew: stored === null }];
    for (const inner of defined.inner) {
      const { name } = inner;
      const kind = inner.kind as AssignmentKind;
      const known = stored?.inner.get(name) ?? null;
      const create = () => this.writer.create(this.manager, this.caller, { kind, parentId: id, name }, {});
      const innerId = known?.id ?? (await this.placed(inner, create()));
      pairs.push(...(await this.pair(inner, { id: innerId, path: path === '' ? name : `${path}/${name}` }, known)));
    }
    return pairs;
  }

  private async plan(pairs: readonly Pair[], stored: StoredNode): Promise<Planned[]> {
    const idOf = await this.moduleIds(pairs, stored);
    const missing = new DefinitionProblems(this.text);
    const planned: Planned[] = [];
    for (const pair of pairs) {
      const wanted = await wantedSettings(pair.defined, idOf, this.problems);
      for (const path of missingSecrets(wanted, pair.settings)) {
        const message =
          'a secret without a value keeps the one that is stored, and there is none yet: give it a value once';
        missing.add([...pair.defined.at, 'settings', ...path], message);
      }
      // of settings that are wrong nothing is compared
      if (this.problems.isEmpty) planned.push({ ...pair, ...settingsDifference(pair.settings, wanted) });
    }
    this.problems.assertNone(400, 'validation_failed');
    missing.assertNone(422, 'secret_missing');
    return planned;
  }

  /** Of all modules that the definition has, is put over, or takes outputs of. */
  private async moduleIds(pairs: readonly Pair[], stored: StoredNode): Promise<(named: string) => string | null> {
    const full = (named: string): string => fullPath(stored.path, named);
    const inside = [...everyNode(stored), ...pairs.map(({ defined: { kind }, path, id }) => ({ kind, path, id }))];
    const ids = new Map(inside.filter(({ kind }) => kind === 'module').map(({ path, id }) => [path, id]));
    const taken = [...new Set(pairs.flatMap(({ defined }) => takenPathsOf(defined).map(full)))];
    const outside = taken.filter((path) => !ids.has(path));
    const found = await this.definitions.modulesAt(this.manager, this.root.organizationId, outside);
    return (named) => ids.get(full(named)) ?? found.get(full(named)) ?? null;
  }

  private async change({ defined, id, patch }: Planned): Promise<void> {
    const { manager, caller, writer } = this;
    const { kind } = defined;
    const changed =
      kind === 'organization'
        ? writer.updateOrganization(manager, caller, patch)
        : writer.update(manager, caller, kind, id, { settings: patch });
    await this.placed<unknown>(defined, changed);
  }

  /** Innermost first. @param nodes outermost first */
  private async delete(nodes: readonly StoredNode[]): Promise<void> {
    await this.writer.forgetReferences(
      this.manager,
      this.caller,
      nodes.map(({ id }) => id),
    );
    for (const { kind, id, path } of [...nodes].reverse()) {
      try {
        await this.writer.delete(this.manager, this.caller, kind as AssignmentKind, id);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        throw new AppError(error.status, error.code, `${kind} ${path}: ${error.detail}`);
      }
    }
  }

  /** What is refused is told with its place in the definition. */
  private async placed<T>({ at }: DefinedNode, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw error instanceof AppError ? this.problems.placed(error, at) : error;
    }
  }
}

function toldOf({ defined: { kind }, path, isNew, names }: Planned): DefinitionChange[] {
  if (isNew) return [{ kind, path, action: 'created', settings: names }];
  return names.length === 0 ? [] : [{ kind, path, action: 'updated', settings: names }];
}
