import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';

/** Where something is written, and all that is. */
export type NamedText = readonly [name: string, text: string];

/** Every file below a folder. */
export function textsBelow(folder: string): NamedText[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => [file, fs.readFileSync(file, 'utf8')] as const);
}

/** Every table of a database, row by row; bytes are in hexadecimal. */
export async function tables(url: string): Promise<NamedText[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const names = await client.query<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class c
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`,
    );
    const texts: NamedText[] = [];
    for (const { name } of names.rows) {
      const rows = await client.query<{ row: string }>({ text: `SELECT to_jsonb(t)::text AS row FROM ${name} t` });
      // the lines of a chunk are JSON within JSON here
      texts.push([
        name,
        rows.rows.map(({ row }) => `${row}\n${row.replaceAll('\\"', '"').replaceAll('\\\\', '\\')}`).join('\n'),
      ]);
    }
    return texts;
  } finally {
    await client.end();
  }
}
