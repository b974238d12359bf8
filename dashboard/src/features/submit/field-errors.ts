import type { PropertyProblem } from '@dibs/shared';

/** Parts of the body that are one field, or one list of lines, in the form. */
const WHOLE = ['env', 'secrets', 'files', 'requires.tools', 'requires.labels', 'requires.prefers', 'retry.onExitCodes'];
const FIELDS =
  /^(name|source\.(url|revision|path|depth)|scope\.(stackId|namespaceId|moduleId)|steps\[\d+\]\.(name|run|shell|timeoutSeconds)|runner|instance|priority|slots|timeoutSeconds|queueTimeoutSeconds|onLost|maxAttempts|concurrency\.(key|limit|supersede)|retry\.(maxAttempts|backoffSeconds)|fanOut)$/;

export interface FieldErrors {
  /** By the path of the field in the form. */
  readonly fields: Readonly<Record<string, string>>;
  /** What no field is there for. */
  readonly others: readonly string[];
}

/** Puts each problem that the server found at the field that it is about. */
export function fieldErrors(problems: readonly PropertyProblem[]): FieldErrors {
  const fields: Record<string, string> = {};
  const others: string[] = [];
  for (const { path, message } of problems) {
    const field = fieldOf(path);
    if (field === null) others.push(`${path}: ${message}`);
    else fields[field] = fields[field] === undefined ? message : `${fields[field]}; ${message}`;
  }
  return { fields, others };
}

function fieldOf(path: string): string | null {
  const whole = WHOLE.find((field) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`));
  if (whole !== undefined) return whole;
  if (path.startsWith('fanOut')) return 'fanOut';
  if (path === 'source' || path === 'scope') return path === 'source' ? 'source.url' : 'scope.stackId';
  return FIELDS.test(path) ? path.replace(/\[(\d+)\]/, '.$1') : null;
}
