/** How much is measured in each of the rounds. */
export interface CompareSize {
  readonly rounds: number;
  /** Of latency. */
  readonly samples: number;
  /** Jobs before the first sample, for each contestant, so that its code is compiled. */
  readonly warmUp: number;
  /** Drained by workers. */
  readonly jobs: number;
  /** By concurrent callers. */
  readonly submits: number;
  /** For which logs are written, each time. */
  readonly logMs: number;
}
