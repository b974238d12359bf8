import { Injectable } from '@nestjs/common';
import type { EngineOutput, JobId } from '@dibs/shared';
import type { Queryable } from '../database/database.js';
import { canonicalJson, changedOutputs, type OutputText } from '../domain/modules/changed-outputs.js';
import { conflict } from '../platform/errors.js';
import { ModuleOutputRepository, type ModuleKey, type StoredOutput } from './module-output.repository.js';
import { OutputSeal } from './output-seal.js';

export type NamedOutputs = Readonly<Record<string, EngineOutput>>;

export interface OutputsStored {
  /** The one that counts from now on. */
  readonly version: number;
  /** Names of those that are new, different or gone; none: it was all known, and the version is that of before. */
  readonly changed: readonly string[];
}

/** Takes what an engine tells of the outputs of a module: all of them, each time. */
@Injectable()
export class OutputStore {
  constructor(
    private readonly repository: ModuleOutputRepository,
    private readonly seal: OutputSeal,
  ) {}

  /** Within the transaction of the caller. @throws AppError 409 when the module is gone */
  async store(tx: Queryable, module: ModuleKey, jobId: JobId, outputs: NamedOutputs): Promise<OutputsStored> {
    if (!(await this.repository.lockModule(tx, module))) throw conflict('module_gone', 'The module was deleted.');
    const before = (await this.repository.list(tx, module)).map((stored) => this.textOf(module, stored));
    const after = new Map(Object.entries(outputs).map(([name, output]) => [name, newText(output)]));
    const { written, removed } = changedOutputs(new Map(before), after);
    const changed = [...written, ...removed].sort();
    if (changed.length === 0) return { version: await this.repository.version(tx, module), changed };
    const rows = written.map((name) => this.rowOf(module, name, after.get(name)!));
    return { version: await this.repository.change(tx, module, jobId, rows, removed), changed };
  }

  private textOf(module: ModuleKey, { name, value, sealed }: StoredOutput): [name: string, OutputText] {
    const json = sealed === null ? value : this.seal.tryOpen(module.moduleId, name, sealed);
    return [name, { json, sensitive: sealed !== null }];
  }

  private rowOf({ moduleId }: ModuleKey, name: string, { json, sensitive }: NewText): StoredOutput {
    return sensitive
      ? { name, value: null, sealed: this.seal.close(moduleId, name, json) }
      : { name, value: json, sealed: null };
  }
}

interface NewText extends OutputText {
  readonly json: string;
}

function newText({ value, sensitive }: EngineOutput): NewText {
  return { json: canonicalJson(value), sensitive };
}
