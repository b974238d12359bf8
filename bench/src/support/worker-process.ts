/** For the processes that benchmarks start: settings in the environment, JSON lines on stdout, words from the parent. */
export function say(entry: { readonly msg: string; readonly [field: string]: unknown }): void {
  process.stdout.write(`${JSON.stringify(entry)}\n`);
}

/** @throws when it is not set: a mistake of the benchmark */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}
