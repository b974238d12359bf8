import { escaped, needlePattern, withoutEscapes } from '@dibs/shared';

/**
 * Finds the stored lines that have a text in them as somebody sees it on a terminal: colours and other escape sequences
 * do not part words. Most chunks of a log have no hit, so a chunk is first asked as the JSON it is stored as: unpacking
 * a million lines takes longer than everything else together.
 */
export class LineMatcher {
  private readonly visible: RegExp;
  private readonly inPlainJson: RegExp;
  private readonly inColouredJson: RegExp;
  private readonly inColouredText: RegExp;

  /** As it is in the JSON of lines that are ASCII only, as nearly all are; null: ask the pattern. */
  private readonly inAsciiJson: string | null;

  constructor(
    needle: string,
    private readonly isCaseSensitive: boolean,
  ) {
    const asJson = isCaseSensitive ? inJson(needle) : inJson(needle).toLowerCase();
    this.inAsciiJson = isAscii(needle) ? asJson : null;
    this.visible = needlePattern(needle, isCaseSensitive);
    this.inPlainJson = needlePattern(inJson(needle), isCaseSensitive);
    const flags = isCaseSensitive ? 'u' : 'iu';
    const characters = [...needle];
    const parts = characters.map((each) => escaped(inJson(each)));
    this.inColouredJson = new RegExp(parts.join(`${COLOUR_IN_JSON}{0,${MOST_IN_A_ROW}}`), flags);
    this.inColouredText = new RegExp(characters.map(escaped).join(`${COLOUR}{0,${MOST_IN_A_ROW}}`), flags);
  }

  /** @returns what tells whether a line of this chunk matches; null: none of them does */
  in(json: string): ((text: string) => boolean) | null {
    const isPlainAscii = isAscii(json);
    if (!json.includes(ESCAPE_IN_JSON) && (isPlainAscii || !C1_ESCAPE.test(json))) {
      return this.isInPlain(json, isPlainAscii) ? this.matchesPlain : null;
    }
    return this.inColouredJson.test(json) || RARE_IN_JSON.test(json) ? this.matchesColoured : null;
  }

  /** Looking for a text takes a third of the time of a pattern, and all chunks of a log are asked. */
  private isInPlain(json: string, isPlainAscii: boolean): boolean {
    if (!isPlainAscii || this.inAsciiJson === null) return this.inPlainJson.test(json);
    return (this.isCaseSensitive ? json : json.toLowerCase()).includes(this.inAsciiJson);
  }

  private readonly matchesPlain = (text: string): boolean => this.visible.test(text);

  private readonly matchesColoured = (text: string): boolean =>
    (this.inColouredText.test(text) || RARE.test(text)) && this.visible.test(withoutEscapes(text));
}

/**
 * The only escapes that are common in logs are short CSI sequences, a few in a row. They are passed over by the patterns
 * above, which are bounded so that no line, however hostile, is looked at again and again; chunks with any others
 * (RARE) are unpacked. A pattern that matches only means that it is worth a closer look.
 */
const MOST_IN_A_ROW = 8;
const MOST_PARAMETERS = 32;
const COLOUR = `(?:\\u001b\\[[0-?]{0,${MOST_PARAMETERS}}[ -\\/]{0,2}[@-~]?)`;
/** The same with `"` and `\` of the sequence as JSON writes them. */
const COLOUR_IN_JSON = `(?:\\\\u001b\\[[0-?]{0,${MOST_PARAMETERS}}(?:[ !#-\\/]|\\\\"){0,2}(?:[@-\\[\\]-~]|\\\\\\\\)?)`;

const ESCAPE_IN_JSON = '\\u001b';
const C1_ESCAPE = /[\u0080-\u009f]/;
const RARE = rare('\\u001b', '[ -\\/]', COLOUR);
const RARE_IN_JSON = rare('\\\\u001b', '(?:[ !#-\\/]|\\\\")', COLOUR_IN_JSON);

function rare(escape: string, intermediate: string, colour: string): RegExp {
  return new RegExp(
    [
      `${escape}(?!\\[)`,
      `${escape}\\[[0-?]{${MOST_PARAMETERS + 1}}`,
      `${escape}\\[[0-?]{0,${MOST_PARAMETERS}}${intermediate}{3}`,
      `${colour}{${MOST_IN_A_ROW + 1}}`,
      '[\\u0080-\\u009f]',
    ].join('|'),
    'u',
  );
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Faster than any pattern. */
function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
