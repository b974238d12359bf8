/** Bug: a claim reads that the job is queued, and then saves it as claimed, without asking again. */
import { setTimeout as delay } from 'node:timers/promises';
import { altered, replaceStatement } from './change.mjs';

const READ = `SELECT id FROM jobs WHERE id = ANY($1::uuid[]) AND state = 'queued'`;

replaceStatement('dispatch.claim', async (run, statement, values) => {
  const read = await run(READ, [values[0]], 'mutant.read');
  // as long as the way to a database in another building and back
  await delay(10);
  const saved = altered(statement.text, [
    ["j.state = 'queued'", `j.id = ANY($${values.length + 1}::uuid[])`],
    ['SKIP LOCKED', ''],
  ]);
  return run(saved, [...values, read.map(({ id }) => id)], 'mutant.save');
});
