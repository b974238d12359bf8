/**
 * Longer patterns are looked for piece by piece. So a stream never holds back more than this, and the worst text (a
 * secret of one repeated character, printed) costs this many steps for each byte and not the length of the secret. A
 * piece that stands alone is masked too, which is right: it is a good part of a secret.
 */
const MAX_PATTERN_BYTES = 256;
/** Two letters may stand anywhere; four that begin a pattern are worth a look. No pattern is shorter. */
const MIN_PATTERN_BYTES = 4;
/** How far into its patterns the search looks at most to find out how far it may jump. */
const MAX_WINDOW_BYTES = 12;
const PREFIX_BITS = 14;
/** From here on a call into native code is cheaper than a loop. */
const LONG_LABEL_BYTES = 32;
const NO_TABLE = new Uint8Array(0);

/** A trie whose chains are one node: secrets seldom share more than their first bytes. */
interface TrieNode {
  /** On the way to it; at least one. */
  label: Buffer;
  /** Differ in the first byte of their labels. */
  children: TrieNode[];
  isEnd: boolean;
}

/**
 * Finds any of many byte patterns. Text that is like none of them is passed by in jumps (the two bytes at the end of a
 * window tell how far the next pattern may begin at the earliest, as Wu and Manber do it). Where the first four bytes
 * are those of a pattern, a trie decides.
 *
 * Not the automaton of Aho and Corasick: it reads every byte, takes a node for each byte of each form (megabytes for the
 * largest secrets a job may have), and must be made anew when a pattern is added while a job runs. Its gain, time that
 * does not depend on the patterns, is bought here by their limited length.
 */
export class SecretMatcher {
  /** What the last find() found: length of the longest pattern there; 0: none that is complete. */
  matchedBytes = 0;
  /** What the last find() found: with more bytes a longer one is possible there. */
  isOpen = false;

  private readonly roots: (TrieNode | undefined)[] = new Array<undefined>(256).fill(undefined);
  private readonly beginnings: Buffer[] = [];
  private windowBytes = MAX_WINDOW_BYTES;
  // made with the first pattern: most jobs have no secrets, and 80 KiB would be a part of what their start costs
  private jumps = NO_TABLE;
  private prefixes = NO_TABLE;
  /** So many of the beginnings are in the jumps. */
  private measured = 0;

  get isEmpty(): boolean {
    return this.beginnings.length === 0;
  }

  /** @param pattern not changed afterwards */
  add(pattern: Buffer): void {
    if (this.isEmpty) {
      this.jumps = new Uint8Array(65_536);
      this.prefixes = new Uint8Array(2 ** PREFIX_BITS);
    }
    for (const piece of pieces(pattern)) {
      if (!insert(this.roots, piece)) continue;
      this.beginnings.push(piece.subarray(0, MAX_WINDOW_BYTES));
      this.prefixes[prefixAt(piece, 0)] = 1;
    }
  }

  /**
   * @param isOver nothing comes after `bytes`
   * @returns the first position from `from` on where a pattern is, or may begin that ends after `bytes`; -1: none
   */
  find(bytes: Buffer, from: number, isOver: boolean): number {
    if (this.isEmpty) return -1;
    if (this.measured < this.beginnings.length) this.measure();
    const { jumps, prefixes, windowBytes } = this;
    const last = bytes.length - windowBytes;
    let at = from;
    while (at <= last) {
      const end = at + windowBytes;
      const jump = jumps[((bytes[end - 2] as number) << 8) | (bytes[end - 1] as number)] as number;
      if (jump > 0) {
        at += jump;
        continue;
      }
      if (prefixes[prefixAt(bytes, at)] === 1 && this.isAt(bytes, at, isOver)) return at;
      at++;
    }
    // too near to the end for the window, and then for a whole prefix
    for (; at <= bytes.length - MIN_PATTERN_BYTES; at++) {
      if (prefixes[prefixAt(bytes, at)] === 1 && this.isAt(bytes, at, isOver)) return at;
    }
    for (; at < bytes.length; at++) if (this.isAt(bytes, at, isOver)) return at;
    return -1;
  }

  private isAt(bytes: Buffer, start: number, isOver: boolean): boolean {
    this.matchedBytes = 0;
    this.isOpen = false;
    let node = this.roots[bytes[start] as number];
    let at = start;
    while (node) {
      const { label } = node;
      const length = Math.min(label.length, bytes.length - at);
      if (!isSame(bytes, at, label, length)) return this.matchedBytes > 0;
      at += length;
      if (length < label.length) {
        this.isOpen = !isOver;
        break;
      }
      if (node.isEnd) this.matchedBytes = at - start;
      if (at === bytes.length) {
        this.isOpen = !isOver && node.children.length > 0;
        break;
      }
      node = childOf(node, bytes[at] as number);
    }
    return this.matchedBytes > 0 || this.isOpen;
  }

  /** Makes the jumps right again: a pattern shorter than the window changes all of them, others only add theirs. */
  private measure(): void {
    const { beginnings, jumps } = this;
    const windowBytes = beginnings
      .slice(this.measured)
      .reduce((bytes, { length }) => Math.min(bytes, length), this.windowBytes);
    if (windowBytes !== this.windowBytes || this.measured === 0) {
      this.windowBytes = windowBytes;
      this.measured = 0;
      jumps.fill(windowBytes - 1);
    }
    for (const beginning of beginnings.slice(this.measured)) {
      for (let i = 1; i < windowBytes; i++) {
        const pair = ((beginning[i - 1] as number) << 8) | (beginning[i] as number);
        jumps[pair] = Math.min(jumps[pair] as number, windowBytes - 1 - i);
      }
    }
    this.measured = beginnings.length;
  }
}

/** Whether the label stands at `at`, as far as `length`. Its first byte does. */
function isSame(bytes: Buffer, at: number, label: Buffer, length: number): boolean {
  if (length > LONG_LABEL_BYTES) return bytes.compare(label, 0, length, at, at + length) === 0;
  for (let i = 1; i < length; i++) if (bytes[at + i] !== label[i]) return false;
  return true;
}

function pieces(pattern: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let start = 0;
  while (start < pattern.length) {
    const left = pattern.length - start;
    // the last two share what is left: none may become too short to be one
    const size = left <= MAX_PATTERN_BYTES ? left : Math.min(MAX_PATTERN_BYTES, Math.ceil(left / 2));
    const piece = pattern.subarray(start, start + size);
    start += size;
    // a piece that began with a line end would hold back every line until the next one begins
    let blank = 0;
    while (blank < piece.length && (piece[blank] as number) <= 0x20) blank++;
    if (piece.length - blank >= MIN_PATTERN_BYTES) found.push(piece.subarray(blank));
  }
  return found;
}

/** @returns whether it is new */
function insert(roots: (TrieNode | undefined)[], pattern: Buffer): boolean {
  const first = pattern[0] as number;
  let node = roots[first];
  if (!node) {
    roots[first] = { label: pattern, children: [], isEnd: true };
    return true;
  }
  for (let at = 0; ;) {
    const same = commonLength(node.label, pattern.subarray(at));
    if (same < node.label.length) split(node, same);
    at += same;
    if (at === pattern.length) {
      const isNew: boolean = !node.isEnd;
      node.isEnd = true;
      return isNew;
    }
    const next = childOf(node, pattern[at] as number);
    if (!next) {
      node.children.push({ label: pattern.subarray(at), children: [], isEnd: true });
      return true;
    }
    node = next;
  }
}

function split(node: TrieNode, at: number): void {
  const rest: TrieNode = { label: node.label.subarray(at), children: node.children, isEnd: node.isEnd };
  node.label = node.label.subarray(0, at);
  node.children = [rest];
  node.isEnd = false;
}

function childOf({ children }: TrieNode, byte: number): TrieNode | undefined {
  for (const child of children) if (child.label[0] === byte) return child;
  return undefined;
}

function commonLength(a: Buffer, b: Buffer): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

function prefixAt(bytes: Buffer, at: number): number {
  const word =
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24);
  return Math.imul(word, 0x9e37_79b1) >>> (32 - PREFIX_BITS);
}
