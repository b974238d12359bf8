/** An output of a module as text that can be compared. */
export interface OutputText {
  /** As `canonicalJson` writes it; null: what was stored cannot be read any more. */
  readonly json: string | null;
  readonly sensitive: boolean;
}

export interface ChangedOutputs {
  /** Names of those that are new or different, in order. */
  readonly written: readonly string[];
  /** Names of those that are not put out any more, in order. */
  readonly removed: readonly string[];
}

/** What one set of outputs has that the one before had not, and the other way round. One that cannot be read counts as another. */
export function changedOutputs(
  before: ReadonlyMap<string, OutputText>,
  after: ReadonlyMap<string, OutputText>,
): ChangedOutputs {
  const isSame = (name: string, { json, sensitive }: OutputText): boolean => {
    const old = before.get(name);
    return old !== undefined && old.sensitive === sensitive && old.json === json;
  };
  return {
    written: [...after].flatMap(([name, output]) => (isSame(name, output) ? [] : [name])).sort(),
    removed: [...before.keys()].filter((name) => !after.has(name)).sort(),
  };
}

/** The same text for the same value, in whatever order its properties came. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, inOrder(each)]));
}
