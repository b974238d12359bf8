/** For properties that are planned and named in the documentation: refused with a reason while they do nothing. */
export function notAvailableYet(value: unknown): string | null {
  return value === undefined ? null : 'is not available in this version yet; leave it out';
}
