/** The figures of some contestants over several rounds; they take turns, so ratios within a round are fair. */
export class Rounds {
  private readonly figures = new Map<string, number[]>();

  note(contestant: string, figure: number): void {
    const known = this.figures.get(contestant);
    if (known) known.push(figure);
    else this.figures.set(contestant, [figure]);
  }

  /** @returns the median of each, and of the first one's ratio to each other within a round */
  result(ours: string): RoundsResult {
    const medians: Record<string, number> = {};
    const ratios: Record<string, number> = {};
    const own = this.figures.get(ours) ?? [];
    for (const [contestant, figures] of this.figures) {
      medians[contestant] = median(figures);
      if (contestant !== ours) ratios[contestant] = median(figures.map((figure, round) => own[round]! / figure));
    }
    return { medians, ratio_of_ours_to: ratios, rounds: Object.fromEntries(this.figures) };
  }
}

export interface RoundsResult {
  readonly medians: Readonly<Record<string, number>>;
  readonly ratio_of_ours_to: Readonly<Record<string, number>>;
  readonly rounds: Readonly<Record<string, readonly number[]>>;
}

/** Rounded to hundredths. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new Error('no figures');
  return Math.round(((lower + upper) / 2) * 100) / 100;
}
