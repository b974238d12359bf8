/** Bug: an instance that was asked to drain is served as ever. */
import { altered, replaceStatement } from './change.mjs';

const UNCHECKED = [['AND NOT able.drain_requested', '']];

for (const [name, parts] of [
  ['dispatch.claim', UNCHECKED],
  ['dispatch.grant.first-attempts', UNCHECKED],
  ['insert-jobs', UNCHECKED],
  ['insert-keyed-jobs', UNCHECKED],
  // or the servers would not grant anything themselves
  [
    'dispatch.renew',
    [['i.session_id, i.boot_id, i.drain_requested', 'i.session_id, i.boot_id, false AS drain_requested']],
  ],
]) {
  replaceStatement(name, (run, statement, values) => run(altered(statement.text, parts), values));
}
