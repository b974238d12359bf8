/** Bug: lines are stored whether their attempt is still the current one or not. */
import { altered, replaceStatement } from './change.mjs';

replaceStatement('append-log-chunks', (run, statement, values) =>
  run(
    altered(statement.text, [
      [' AND j.attempt = i.attempt', ''],
      ['AND j.claim_token = i.claim_token', ''],
    ]),
    values,
    'mutant.append',
  ),
);
