/** What a benchmark prints as JSON: keys are relied on, so that figures of different versions compare. */
export type Figures = Readonly<Record<string, unknown>>;

export interface BenchmarkRun {
  /** Takes progress for people; it never reaches the JSON. */
  readonly tell: (line: string) => void;
  /** true: everything small, to see that it works; the figures mean nothing. */
  readonly quick: boolean;
}

export interface Benchmark {
  readonly name: string;
  readonly measures: string;
  /** true: run when it is named, not with all the others. */
  readonly onDemand?: boolean;
  run(run: BenchmarkRun): Promise<Figures>;
}
