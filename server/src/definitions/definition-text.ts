import type { PropertyProblem } from '@dibs/shared';
import { AppError } from '../platform/errors.js';

export interface Position {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

/** Where something stands in the text, and what is inside it. */
export interface Place {
  readonly offset: number;
  readonly inner: ReadonlyMap<string, Place> | null;
}

/** What was sent, read but not yet understood. */
export interface DefinitionText {
  readonly value: unknown;
  /** null: it was JSON, of which only the value is left */
  positionOf(path: readonly string[]): Position | null;
}

export function positionIn(text: string, offset: number): Position {
  const before = text.slice(0, Math.max(0, offset));
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: before.length - lineStart + 1 };
}

/** Who fixes a definition wants to see more than the first problem, but not thousands. */
const MAX_PROBLEMS = 20;

/** What is wrong with a definition, each with its place. */
export class DefinitionProblems {
  private readonly found: PropertyProblem[] = [];

  constructor(private readonly text: DefinitionText) {}

  /** @param message a sentence about what is at the path */
  add(path: readonly string[], message: string): void {
    if (this.found.length < MAX_PROBLEMS) this.found.push(this.at(path, message));
  }

  get isEmpty(): boolean {
    return this.found.length === 0;
  }

  /** @throws AppError with all that was found */
  assertNone(status: number, code: string): void {
    if (this.found.length > 0) throw refusal(status, code, this.found);
  }

  /** An error of one node, with where it stands. */
  placed(error: AppError, path: readonly string[]): AppError {
    const errors = error.errors?.map(({ path: inner, message }) => this.at([...path, ...inner.split('.')], message));
    return refusal(error.status, error.code, errors ?? [this.at(path, error.detail.replace(/\.$/, ''))]);
  }

  private at(path: readonly string[], message: string): PropertyProblem {
    return { path: pathInText(path), message, ...this.text.positionOf(path) };
  }
}

function refusal(status: number, code: string, problems: readonly PropertyProblem[]): AppError {
  const { path, message, line, column } = problems[0]!;
  const where = line === undefined ? path : `line ${line}, column ${column}: ${path}`;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more: see errors)` : '';
  return new AppError(status, code, `${where}${where === '' ? '' : ': '}${message}${more}.`, { errors: problems });
}

/** As in `stacks.prod.settings.files["main.tf"]`. */
function pathInText(path: readonly string[]): string {
  return path.reduce((text, name) => {
    if (!/^[\w-]+$/.test(name)) return `${text}[${JSON.stringify(name.slice(0, 100))}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}
