/** Bug: a result ends its job whether its attempt is still the current one or not. */
import { altered, replaceStatement } from './change.mjs';

replaceStatement('dispatch.result.finish', (run, statement, values) =>
  run(
    altered(statement.text, [
      ["WHEN l.ended_at IS NOT NULL AND l.ended_outcome = 'lost' THEN 'fenced'", ''],
      ["WHEN l.ended_at IS NOT NULL THEN 'terminal'", ''],
      ['AND j.attempt = g.attempt', ''],
      ['AND j.claim_token = g.claim_token AND j.instance_id = g.instance_id', ''],
    ]),
    values,
    'mutant.finish',
  ),
);
