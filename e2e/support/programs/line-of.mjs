/** Line `number` as a step prints it: the same text never comes twice, neither in a job nor between jobs. */
export function lineOf({ job, attempt, step }, number) {
  return `${job}/${attempt}/${step}/${number} ${'#'.repeat(number % 60)}`;
}
