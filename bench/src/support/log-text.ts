const LINE_BYTES = 100;
const TEXTS = 5_000;

/**
 * What builds print, 100 bytes a line: alike, but never the same, as a store that compresses would otherwise get them
 * for nothing.
 *
 * @param head begins each line
 */
export class LogText {
  private next = 0;
  private readonly texts = Array.from({ length: TEXTS }, (_, index) => textOf(index));

  line(head: string): string {
    const text = this.texts[this.next]!;
    this.next = (this.next + 1) % TEXTS;
    return head + text.slice(head.length);
  }
}

function textOf(index: number): string {
  const [path, name, hash] = [word(), word(), word() + word()];
  return `${' '.repeat(20)}compiled src/${path}/index.ts -> dist/${name}.js in ${index % 997} ms sha=${hash}`
    .padEnd(LINE_BYTES, '.')
    .slice(0, LINE_BYTES);
}

function word(): string {
  return Math.random().toString(36).slice(2, 10).padEnd(8, 'x');
}
