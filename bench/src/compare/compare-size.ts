/** How much is measured in each of the rounds. */
export interface CompareSize {
  readonly rounds: number;
  /** Of latency. */
  readonly samples: number;
  /** Drained by workers. */
  readonly jobs: number;
  /** By concurrent callers. */
  readonly submits: number;
}
