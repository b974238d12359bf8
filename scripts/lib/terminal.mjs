/** What our scripts say on the terminal: short lines, coloured where a person reads them. */
const coloured = process.env.NO_COLOR === undefined && (process.stdout.isTTY || Boolean(process.env.FORCE_COLOR));
const paint = (code) => (text) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = paint('1');
export const dim = paint('2');
export const red = paint('31');
export const green = paint('32');
export const cyan = paint('36');

/** For what the person must do something about: one line, no stack trace. */
export class Problem extends Error {}

/** Runs a script's main function; a Problem ends it with its line and exit code 1. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    console.error(`${red('dibs:')} ${error.message}`);
    process.exit(1);
  }
}

/** 1.2 s, 340 ms */
export function duration(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
