/** Error answer of the REST API (RFC 9457, application/problem+json), extended by `code`, `requestId` and `errors`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** Stable snake_case code to branch on. */
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  /** For bad input: one entry per wrong property. */
  readonly errors?: readonly PropertyProblem[];
}

export interface PropertyProblem {
  /** Where it is, as in `steps[0].run`. */
  readonly path: string;
  /** What is wrong and what is allowed. */
  readonly message: string;
  /** In a text that was sent, as YAML; both from 1. */
  readonly line?: number;
  readonly column?: number;
}
