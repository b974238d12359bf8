const { imul } = Math;

/** Every three characters in a row of a text, as numbers below this. */
export const TRIGRAM_NUMBERS = 65_536;

/**
 * Calls with the number of each trigram of a text. Texts that a search takes for the same without regard to case have
 * the same numbers, so a text can only be part of another one if all its numbers are among the other's. The reverse is
 * not true: numbers collide.
 */
export function eachTrigram(text: string, tell: (number: number) => void): void {
  if (text.length < 3) return;
  let [first, second] = [folded(text.charCodeAt(0)), folded(text.charCodeAt(1))];
  for (let at = 2; at < text.length; at += 1) {
    const third = folded(text.charCodeAt(at));
    let mixed = imul(first, 0x9e3779b1) + imul(second, 0x85ebca77) + imul(third, 0xc2b2ae3d);
    mixed = imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
    tell(mixed >>> 16);
    first = second;
    second = third;
  }
}

/** One number for all that a regular expression with the flags `iu` takes for the same character. */
const FOLDED = new Uint16Array(65_536).fill(0xffff);
/** Letters above U+FFFF have case too, and are two units each: they are all one. */
const SURROGATE = 0xfffd;

function folded(unit: number): number {
  const known = FOLDED[unit]!;
  return known === 0xffff ? (FOLDED[unit] = foldedAnew(unit)) : known;
}

/** Upper case first: it joins `ς` and `σ`, `ſ` and `s`, whose lower cases differ. */
function foldedAnew(unit: number): number {
  if (unit >= 0xd800 && unit <= 0xdfff) return SURROGATE;
  const self = String.fromCharCode(unit);
  const upper = self.toUpperCase();
  const lower = (upper.length === 1 ? upper : self).toLowerCase();
  return lower.length === 1 ? lower.charCodeAt(0) : unit;
}
