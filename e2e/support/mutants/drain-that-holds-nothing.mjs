/** Bug: an instance that was asked to drain is served as ever. */
import { altered, replaceStatement } from './change.mjs';

for (const [name, parts] of [
  ['dispatch.claim', [['AND NOT i.drain_requested', '']]],
  ['dispatch.grant.first-attempts', [['AND NOT i.drain_requested', '']]],
  ['insert-jobs', [['AND NOT i2.drain_requested', '']]],
  ['insert-keyed-jobs', [['AND NOT i2.drain_requested', '']]],
  // or the servers would not grant anything themselves
  [
    'dispatch.renew',
    [['i.session_id, i.boot_id, i.drain_requested', 'i.session_id, i.boot_id, false AS drain_requested']],
  ],
]) {
  replaceStatement(name, (run, statement, values) => run(altered(statement.text, parts), values));
}
