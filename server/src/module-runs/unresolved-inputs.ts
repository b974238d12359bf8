import type { InputProblem } from '../domain/modules/resolve-inputs.js';
import { AppError } from '../platform/errors.js';

/** Inputs of a module that have no value. */
export class UnresolvedInputs extends AppError {
  /** Nothing is wrong with the module itself: it only waits for others to put something out. */
  readonly areYetToCome: boolean;

  constructor(problems: readonly InputProblem[]) {
    const all = problems.map(({ path, message }) => `${path} ${message}`).join('; ');
    const errors = problems.map(({ path, message }) => ({ path, message }));
    super(422, 'unresolved_inputs', `Inputs have no value: ${all}.`, { errors });
    this.areYetToCome = problems.every(({ isYetToCome }) => isYetToCome);
  }
}
