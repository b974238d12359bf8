import type { WireLogLine } from '@dibs/shared';
import { isLineAt } from './visible-chunk.js';

/** Between two lines as they are stored, where the first one ends with its text. */
const BETWEEN_LINES = '"],[';

/** Where each line of a chunk begins, and where one behind the last would. */
export function lineStartsOf(json: string): number[] {
  const starts = [1];
  for (let from = 0; ;) {
    const at = json.indexOf(BETWEEN_LINES, from);
    if (at < 0) return [...starts, json.length];
    const start = at + BETWEEN_LINES.length - 1;
    // a text may have the same characters in it
    if (isLineAt(json, start)) starts.push(start);
    from = start;
  }
}

/** @param starts from `lineStartsOf` */
export function lineAt(json: string, starts: readonly number[], index: number): WireLogLine {
  // without the comma or bracket behind it
  return JSON.parse(json.slice(starts[index], starts[index + 1]! - 1)) as WireLogLine;
}

/**
 * Which lines, counted from 0, have a text in them or in their frame.
 *
 * @param text the chunk, or what it becomes without regard to case: of the same length
 * @returns null: more than `most`
 */
export function linesWith(text: string, needle: string, starts: readonly number[], most: number): number[] | null {
  const found: number[] = [];
  let line = 0;
  let at = text.indexOf(needle);
  while (at >= 0) {
    if (found.length >= most) return null;
    while (line + 2 < starts.length && starts[line + 1]! <= at) line += 1;
    found.push(line);
    if (line + 2 === starts.length) return found;
    at = text.indexOf(needle, starts[line + 1]);
  }
  return found;
}
