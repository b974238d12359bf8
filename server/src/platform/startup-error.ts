/** The server cannot start as it is set up: one plain line for the operator, no stack trace. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}
