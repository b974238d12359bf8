/**
 * Tools of the mutants: each is loaded with `node --import` before the product, and puts one bug into its compiled
 * classes. What is changed must be there exactly as expected, or the process ends: a mutant that missed proves nothing.
 */
import { Database } from '../../../server/dist/database/database.js';

/**
 * Runs `instead` for the statement of this name; with several, what one of them runs under this name is changed by the
 * others, too. @param instead (run, statement, values) => rows
 */
export function replaceStatement(name, instead) {
  const query = Database.prototype.query;
  Database.prototype.query = function (statement, values) {
    const run = (text, all, as = statement.name) => query.call(this, { ...statement, name: as, text }, all);
    return statement.name === name ? instead(run, statement, values) : query.call(this, statement, values);
  };
}

/** The text with every part replaced. @param parts [before, after] each; `before` must be found */
export function altered(text, parts) {
  return parts.reduce((current, [before, after]) => {
    if (!current.includes(before)) die(`"${before}" is not in the statement any more`);
    return current.replace(before, after);
  }, text);
}

/** @param make given the method as it is, answers what takes its place */
export function replaceMethod(type, name, make) {
  const method = type.prototype[name];
  if (typeof method !== 'function') die(`${type.name}.${name} is no method any more`);
  type.prototype[name] = make(method);
}

/** For statements of a mutant's own: a database that is away for a moment must not end the server, which is another bug. */
export function unlessAway(error) {
  if (error.status !== 503) die(`its own statement failed: ${error.message}`);
}

function die(why) {
  console.error(`mutant: ${why}`);
  process.exit(70);
}
