import { Injectable } from '@nestjs/common';
import type { JobId, OrganizationId } from '@dibs/shared';
import { Database, type Queryable } from '../database/database.js';
import * as sql from './module-output.sql.js';

/** A module among those of its organization. */
export interface ModuleKey {
  readonly organizationId: OrganizationId;
  readonly moduleId: string;
}

/** One output as it is stored: its value, or the sealed one. Exactly one of both is there. */
export interface StoredOutput {
  readonly name: string;
  /** JSON as text. */
  readonly value: string | null;
  readonly sealed: Buffer | null;
}

/** One change of the outputs of a module. */
export interface OutputSetRow {
  readonly version: number;
  readonly jobId: JobId | null;
  readonly changedAt: Date;
}

export interface OutputSetListRow extends OutputSetRow {
  /** The first names of those that changed. */
  readonly changed: readonly string[];
  readonly changedCount: number;
}

export interface ReadOutputs {
  /** null: nothing was ever put out */
  readonly set: OutputSetRow | null;
  /** By their names; of a sensitive one only that it is. */
  readonly outputs: Readonly<Record<string, { sensitive: false; value: unknown } | { sensitive: true }>>;
}

@Injectable()
export class ModuleOutputRepository {
  constructor(private readonly database: Database) {}

  /** Keeps others from changing the outputs until the transaction ends. @returns false: there is no such module */
  async lockModule(tx: Queryable, { organizationId, moduleId }: ModuleKey): Promise<boolean> {
    return (await tx.query(sql.LOCK_MODULE, [organizationId, moduleId])).length > 0;
  }

  list(tx: Queryable, { organizationId, moduleId }: ModuleKey): Promise<StoredOutput[]> {
    return tx.query(sql.LIST, [organizationId, moduleId]);
  }

  /** @returns 0: nothing was ever put out */
  async version(tx: Queryable, { organizationId, moduleId }: ModuleKey): Promise<number> {
    const [row] = await tx.query<{ readonly version: number }>(sql.VERSION, [organizationId, moduleId]);
    return row!.version;
  }

  /** @returns the version that the outputs have from now on */
  async change(
    tx: Queryable,
    { organizationId, moduleId }: ModuleKey,
    jobId: JobId,
    written: readonly StoredOutput[],
    removed: readonly string[],
  ): Promise<number> {
    await tx.query(sql.REMOVE, [organizationId, moduleId, removed]);
    await tx.query(sql.WRITE, [
      organizationId,
      moduleId,
      written.map(({ name }) => name),
      written.map(({ value }) => value),
      written.map(({ sealed }) => sealed),
    ]);
    const changed = [...written.map(({ name }) => name), ...removed].sort();
    const [row] = await tx.query<{ readonly version: number }>(sql.ADD_SET, [organizationId, moduleId, jobId, changed]);
    return row!.version;
  }

  /** @returns null: there is no such module */
  async read({ organizationId, moduleId }: ModuleKey): Promise<ReadOutputs | null> {
    const [row] = await this.database.query<Nullable<OutputSetRow> & Pick<ReadOutputs, 'outputs'>>(sql.READ, [
      organizationId,
      moduleId,
    ]);
    if (row === undefined) return null;
    const { version, jobId, changedAt, outputs } = row;
    return { set: version === null ? null : { version, jobId, changedAt: changedAt! }, outputs };
  }

  /** Newest first. @param before versions from this one on are left out; null: none */
  async sets(
    { organizationId, moduleId }: ModuleKey,
    { before, limit }: { readonly before: number | null; readonly limit: number },
  ): Promise<OutputSetListRow[] | null> {
    const rows = await this.database.query<Nullable<OutputSetListRow>>(sql.SETS, [
      organizationId,
      moduleId,
      before,
      limit,
    ]);
    if (rows.length === 0) return null;
    return rows.filter((row): row is OutputSetListRow => row.version !== null);
  }

  /** One for each reference, in order; null: never put out, or not any more. */
  async find(
    organizationId: OrganizationId,
    references: readonly { readonly moduleId: string; readonly output: string }[],
  ): Promise<(StoredOutput | null)[]> {
    const rows = await this.database.query<StoredOutput & { readonly n: number }>(sql.FIND, [
      organizationId,
      references.map(({ moduleId }) => moduleId),
      references.map(({ output }) => output),
    ]);
    const byPlace = new Map(rows.map((row) => [row.n, row]));
    return references.map((_, index) => byPlace.get(index + 1) ?? null);
  }
}

type Nullable<Row> = { readonly [Name in keyof Row]: Row[Name] | null };
