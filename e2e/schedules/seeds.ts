/** The schedules to play: 1 to `count`, or those that `DIBS_SEED` names, as in `DIBS_SEED=7` or `DIBS_SEED=3,9`. */
export function seedsToPlay(count: number): number[] {
  return process.env['DIBS_SEED']?.split(',').map(Number) ?? Array.from({ length: count }, (_, index) => index + 1);
}
