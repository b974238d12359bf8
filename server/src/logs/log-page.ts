import type { LogRow } from '@dibs/shared';
import { rowsOf } from './log-format.js';
import type { LogLines } from './log-reader.js';

/** A page is one answer in memory; lines of 64 KiB make it end early. */
export const MAX_PAGE_CHARACTERS = 4 * 1024 * 1024;

/**
 * Collects rows until they are too much for one answer, but at least one, or a reader would ask for the same page for
 * ever.
 *
 * @param isFromTheEnd which rows to keep when they are too many: the last ones, or the first
 */
export async function collectRows(parts: AsyncIterable<LogLines>, isFromTheEnd: boolean): Promise<LogRow[]> {
  const rows: LogRow[] = [];
  let characters = 0;
  let dropped = 0;
  for await (const part of parts) {
    for (const row of rowsOf(part)) {
      if (!isFromTheEnd && rows.length > 0 && characters + row.text.length > MAX_PAGE_CHARACTERS) return rows;
      rows.push(row);
      characters += row.text.length;
      while (isFromTheEnd && characters > MAX_PAGE_CHARACTERS && dropped < rows.length - 1) {
        characters -= rows[dropped]!.text.length;
        dropped += 1;
      }
    }
    // the rows are let go part by part: dropping each from the front of a long list would move the rest every time
    if (dropped > 0) rows.splice(0, dropped);
    dropped = 0;
  }
  return rows;
}
