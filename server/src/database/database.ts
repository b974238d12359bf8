import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import pg, { type CustomTypesConfig, type Pool, type PoolClient } from 'pg';
import { AppError } from '../platform/errors.js';
import { copyOut, type OnRow } from './copy-out.js';
import { isDatabaseUnavailable, isTransient } from './database-errors.js';

/** A statement with a name is prepared once for each connection. One name must always mean the same text; '': not kept. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** JSON columns arrive as text, for who only passes them on. */
  readonly jsonAsText?: boolean;
}

export interface Queryable {
  /** @throws AppError 503 `database_unavailable`; other errors of PostgreSQL as they are */
  query<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

type CopyValue = string | number | null;

const { builtins } = pg.types;
type TypeParser = (text: string) => unknown;

const JSON_AS_TEXT: CustomTypesConfig = {
  getTypeParser: (id, format): TypeParser =>
    id === builtins.JSON || id === builtins.JSONB ? String : (pg.types.getTypeParser(id, format) as TypeParser),
};

/** A deadlock is broken within milliseconds; more tries than this mean something else is wrong. */
const MAX_TRIES = 3;

/** SQL by hand, for the hot paths, on the same pool as TypeORM. `bigint` arrives as number, `timestamptz` as Date. */
@Injectable()
export class Database implements Queryable {
  constructor(private readonly dataSource: DataSource) {}

  /** One statement in its own transaction; done again after a deadlock. */
  query<Row>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return again(() => this.withClient((client) => run<Row>(client, statement, values)));
  }

  /** For many large rows: hands each over as bytes when it arrives. Not prepared, and not done again after a deadlock. */
  copy({ text }: Statement, values: readonly CopyValue[], onRow: OnRow): Promise<void> {
    const select = text.replace(/\$(\d+)/g, (_, number: string) => literal(values[Number(number) - 1] ?? null));
    return this.withClient((client) => copyOut(client, `COPY (${select}) TO STDOUT (FORMAT binary)`, onRow));
  }

  /**
   * All or nothing.
   *
   * @param work is done again from the start after a deadlock, so it must do nothing but query
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return again(() =>
      this.withClient(async (client) => {
        await client.query('BEGIN');
        try {
          const result = await work({ query: (statement, values = []) => run(client, statement, values) });
          await client.query('COMMIT');
          return result;
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        }
      }),
    );
  }

  private async withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool().connect().catch(rethrowAsUnavailable);
    let broken: Error | undefined;
    // without a listener of its own a checked-out client whose backend dies ends the process
    const onError = (error: Error): void => void (broken = error);
    client.on('error', onError);
    try {
      return await work(client);
    } catch (error) {
      // after a timeout or a lost connection the client is jammed: it must not go back into the pool
      if (isDatabaseUnavailable(error)) broken ??= error as Error;
      return rethrowAsUnavailable(error);
    } finally {
      client.off('error', onError);
      client.release(broken ?? false);
    }
  }

  private pool(): Pool {
    return (this.dataSource.driver as unknown as { readonly master: Pool }).master;
  }
}

/** COPY has no parameters. */
function literal(value: CopyValue): string {
  if (value === null) return 'NULL';
  return typeof value === 'number' ? `(${value})` : pg.escapeLiteral(value);
}

async function run<Row>(client: PoolClient, statement: Statement, values: readonly unknown[]): Promise<Row[]> {
  try {
    return await new Promise<Row[]>((resolve, reject) => {
      const onEnd: OnEnd = (error, result) => (error ? reject(error) : resolve(result.rows as Row[]));
      client.query(toQuery(statement, values, onEnd));
    });
  } catch (error) {
    // otherwise it leads to the socket, and not to who asked
    if (error instanceof Error) Error.captureStackTrace(error);
    throw error;
  }
}

type OnEnd = (error: Error | undefined, result: { readonly rows: readonly unknown[] }) => void;

/** A statement that is given to pg as an object is copied property by property, which takes 20 times as long as the rest of this. */
function toQuery({ name, text, jsonAsText }: Statement, values: readonly unknown[], onEnd: OnEnd) {
  const query = new pg.Query(jsonAsText ? { text, types: JSON_AS_TEXT } : text, [...values], onEnd);
  return Object.assign(query, { name });
}

/** For transactions of TypeORM: does the work again, from its start, after a deadlock. */
export async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries >= MAX_TRIES || !isTransient(error)) throw error;
    }
  }
}

function rethrowAsUnavailable(error: unknown): never {
  if (!(error instanceof AppError) && isDatabaseUnavailable(error)) throw databaseUnavailable(error);
  throw error;
}

export function databaseUnavailable(cause: unknown): AppError {
  return new AppError(503, 'database_unavailable', 'The database does not answer. Try again in a moment.', {
    cause,
    headers: { 'retry-after': '1' },
  });
}
