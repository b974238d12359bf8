/** What a terminal's pen is set to: colours and weights, and nothing that would hide or move text. */
export interface Sgr {
  /** A CSS colour that was made here of numbers; null: the default. */
  readonly colour: string | null;
  readonly ground: string | null;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isItalic: boolean;
  readonly isUnderlined: boolean;
  readonly isStruck: boolean;
  readonly isInverse: boolean;
}

/** Nearly all lines begin with it, so it is one object for all of them. */
export const PLAIN: Sgr = {
  colour: null,
  ground: null,
  isBold: false,
  isDim: false,
  isItalic: false,
  isUnderlined: false,
  isStruck: false,
  isInverse: false,
};

export function isSameSgr(one: Sgr, other: Sgr): boolean {
  return one === other || (Object.keys(PLAIN) as (keyof Sgr)[]).every((key) => one[key] === other[key]);
}

/**
 * The pen after `ESC [ parameters m` (ECMA-48 8.3.117, colours by ISO 8613-6). What is not listed here changes nothing;
 * above all 8, which hides text, and 10 to 20, which are fonts.
 */
export function applySgr(pen: Sgr, parameters: string): Sgr {
  const next: { -readonly [Key in keyof Sgr]: Sgr[Key] } = { ...pen };
  const codes = parameters.split(';');
  for (let at = 0; at < codes.length; at += 1) {
    const [code, ...parts] = codes[at]!.split(':').map(Number) as [number, ...number[]];
    if (code === 38 || code === 48 || code === 58) {
      // `38:2::r:g:b` is one parameter, `38;2;r;g;b` are five
      const isOne = parts.length > 0;
      const rest = isOne ? parts : codes.slice(at + 1, at + 5).map(Number);
      if (!isOne) at += rest[0] === 2 ? 4 : 2;
      const colour = extendedColour(rest);
      if (colour !== null && code === 38) next.colour = colour;
      if (colour !== null && code === 48) next.ground = colour;
    } else if (code === 4) {
      next.isUnderlined = parts[0] !== 0;
    } else {
      Object.assign(next, changeOf(code));
    }
  }
  return isSameSgr(next, PLAIN) ? PLAIN : next;
}

const CHANGES: Readonly<Record<number, Partial<Sgr>>> = {
  0: PLAIN,
  1: { isBold: true },
  2: { isDim: true },
  3: { isItalic: true },
  7: { isInverse: true },
  9: { isStruck: true },
  21: { isUnderlined: true },
  22: { isBold: false, isDim: false },
  23: { isItalic: false },
  24: { isUnderlined: false },
  27: { isInverse: false },
  29: { isStruck: false },
  39: { colour: null },
  49: { ground: null },
};

function changeOf(code: number): Partial<Sgr> {
  if (code >= 30 && code <= 37) return { colour: named(code - 30) };
  if (code >= 40 && code <= 47) return { ground: named(code - 40, 'ground-') };
  if (code >= 90 && code <= 97) return { colour: named(code - 82) };
  if (code >= 100 && code <= 107) return { ground: named(code - 92, 'ground-') };
  return CHANGES[code] ?? {};
}

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

/**
 * @param index 0 to 15 of the palette, which the style sheet defines
 * @param use what white or black text stands on is darker than the text of the same name
 */
function named(index: number, use: '' | 'ground-' = ''): string {
  return `var(--ansi-${use}${index >= 8 ? 'bright-' : ''}${NAMES[index % 8]!})`;
}

/** @param rest `5, n` of the 256 colours or `2, r, g, b`; with a colour space between in the form with colons */
function extendedColour([kind, ...values]: readonly number[]): string | null {
  if (kind === 5) return isByte(values[0]) ? indexed(values[0]) : null;
  const [red, green, blue] = values.length > 3 ? values.slice(1) : values;
  if (kind !== 2 || !isByte(red) || !isByte(green) || !isByte(blue)) return null;
  return `rgb(${red} ${green} ${blue})`;
}

function isByte(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= 255;
}

/** The palette of xterm: 16 named colours, a cube of 6 × 6 × 6, 24 greys. */
function indexed(index: number): string {
  if (index < 16) return named(index);
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const level = (digit: number): number => (digit === 0 ? 0 : 55 + digit * 40);
  const place = index - 16;
  return `rgb(${level(Math.floor(place / 36))} ${level(Math.floor(place / 6) % 6)} ${level(place % 6)})`;
}
