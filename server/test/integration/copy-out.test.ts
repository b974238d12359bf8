import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Database } from '../../src/database/database.js';
import { dataSourceOptions } from '../../src/database/data-source.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let testDatabase: TestDatabase;
let dataSource: DataSource;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  // one connection: whoever leaves it in disorder is noticed by the next
  dataSource = await new DataSource(dataSourceOptions(testDatabase.url, 1, () => undefined)).initialize();
  database = new Database(dataSource);
});
afterAll(async () => {
  await dataSource.destroy();
  await testDatabase.drop();
});

const LARGE_ROWS = `SELECT repeat('ü', 50000) || n FROM generate_series(1, $1::integer) AS n`;

async function copied(text: string, values: readonly (string | number | null)[] = []): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  await database.copy({ name: '', text }, values, (row) => {
    rows.push(row.map((value) => value?.toString() ?? null));
    return true;
  });
  return rows;
}

async function expectInOrder(): Promise<void> {
  expect(await database.query({ name: '', text: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
}

test('values arrive as they are, and so do parameters', async () => {
  const text = `SELECT $1::text, $2::text, ''::text, '✓ ü'::text UNION ALL SELECT (3 - $3)::text, $4::text, 'x', 'y'`;
  expect(await copied(text, [`it's \\ "$2"`, null, -1, 'b'])).toEqual([
    [`it's \\ "$2"`, null, '', '✓ ü'],
    ['4', 'b', 'x', 'y'],
  ]);
  expect(await copied('SELECT 1 WHERE false')).toEqual([]);
});

test('rows larger than what comes at once are put together', async () => {
  const rows = await copied(LARGE_ROWS, [30]);
  expect(rows).toEqual(Array.from({ length: 30 }, (_, index) => [`${'ü'.repeat(50_000)}${index + 1}`]));
});

test('whoever wants no more gets no more, and the connection goes on', async () => {
  let taken = 0;
  await database.copy({ name: '', text: LARGE_ROWS }, [100], () => (taken += 1) < 3);
  expect(taken).toBe(3);
  await expectInOrder();
});

test('what goes wrong is told, and the connection goes on', async () => {
  const refused = (): boolean => {
    throw new Error('not this one');
  };
  await expect(database.copy({ name: '', text: LARGE_ROWS }, [100], refused)).rejects.toThrow('not this one');
  await expectInOrder();
  await expect(copied('SELECT 1 / (3 - n) FROM generate_series(1, 5) AS n')).rejects.toThrow('division by zero');
  await expectInOrder();
});

test('a database that goes away in the middle is unavailable', async () => {
  const text = `SELECT repeat('x', 100000), pg_terminate_backend(CASE WHEN n = 20 THEN pg_backend_pid() END) FROM generate_series(1, 30) AS n`;
  await expect(copied(text)).rejects.toMatchObject({ status: 503, code: 'database_unavailable' });
  await expectInOrder();
});

test('others have their turn while rows take long', async () => {
  let [turns, isOver] = [0, false];
  const turnsAtRow: number[] = [];
  const slow = (): boolean => {
    turnsAtRow.push(turns);
    for (const until = performance.now() + 6; performance.now() < until;);
    return true;
  };
  const copying = database.copy({ name: '', text: LARGE_ROWS }, [50], slow).finally(() => (isOver = true));
  for (; !isOver; turns += 1) await turn();
  await copying;
  expect(turnsAtRow.at(-1)! - turnsAtRow[0]!).toBeGreaterThanOrEqual(25);
});
