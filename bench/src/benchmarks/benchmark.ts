/** What a benchmark prints as JSON: keys are part of CONTRACT, so that figures of different versions compare. */
export type Figures = Readonly<Record<string, unknown>>;

export interface Benchmark {
  readonly name: string;
  readonly measures: string;
  /** @param tell takes progress for people; it never reaches the JSON */
  run(tell: (line: string) => void): Promise<Figures>;
}
