/** Bug: a claim that is repeated when its attempt is over gets the next one. */
import { altered, replaceStatement } from './change.mjs';

const UNUSED = `AND (w.claim_id IS NULL OR j.claim_id IS DISTINCT FROM w.claim_id
          AND NOT EXISTS (SELECT FROM earlier_attempts e WHERE e.claim_id = w.claim_id))`;

replaceStatement('dispatch.claim', (run, statement, values) => run(altered(statement.text, [[UNUSED, '']]), values));
