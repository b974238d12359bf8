import { ApiError, messageOf } from '../../api/api-error';
import { Callout } from '../../ui/callout';
import classes from './definitions.module.css';

const MOST_SHOWN = 20;

/** Why it was refused, with the lines where it can be mended. */
export function ImportProblem({ error }: { readonly error: Error }) {
  const problems = error instanceof ApiError ? error.errors : [];
  return (
    <div className={classes.answer}>
      <Callout tone="bad" role="alert">
        {messageOf(error)}
        {problems.length > 1 && (
          <ul className={classes.problems}>
            {problems.slice(0, MOST_SHOWN).map(({ path, message, line, column }) => (
              <li key={`${path} ${message}`}>
                {line !== undefined && `line ${line}${column === undefined ? '' : `, column ${column}`}: `}
                {path !== '' && <bdi className={classes.code}>{path}</bdi>} {message}
              </li>
            ))}
          </ul>
        )}
        {problems.length > MOST_SHOWN && `and ${problems.length - MOST_SHOWN} more`}
      </Callout>
    </div>
  );
}
