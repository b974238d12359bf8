import semver from 'semver';

/** A tool that a job needs: any version of it, or one in a range. */
export interface ToolRequirement {
  readonly name: string;
  /** As written, for people; null: any version will do, even one that nobody knows. */
  readonly range: string | null;
  admits(version: string): boolean;
}

const NAME = /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/;
/** Far more than any range needs; a longer one is an attempt to keep the parser busy. */
export const MAX_RANGE_LENGTH = 100;
/** Requirements and versions come again with every lane and every session, so each text is parsed once. */
const REMEMBERED = 4_000;

/**
 * `terraform`, or `terraform@>=1.5 <2`: a name and a range as npm writes them.
 *
 * @returns null when it is neither
 */
export const toolRequirementOf = remembering((text: string): ToolRequirement | null => {
  const at = text.indexOf('@');
  const name = at < 0 ? text : text.slice(0, at);
  if (!isToolName(name)) return null;
  if (at < 0) return { name, range: null, admits: () => true };
  const range = text.slice(at + 1).trim();
  const parsed = rangeOf(range);
  if (parsed === null) return null;
  return { name, range, admits: (version) => parsed.test(version) };
});

/**
 * The version in what a tool says of itself: `Terraform v1.9.8`, `git version 2.39.5 (Debian)`, `jq-1.6`. The first
 * number with a dot counts, else the first number that stands alone; what packagers append is not a pre-release, but
 * `-rc1` and its like are.
 *
 * @returns null when there is none
 */
export const versionOf = remembering((text: string): string | null => {
  const dotted = DOTTED.exec(text);
  if (dotted === null) return normal(ALONE.exec(text)?.[1]);
  const [, major, minor, patch = '0', preRelease] = dotted;
  return normal(major, minor, patch, preRelease);
});

/** Whether a job may demand a program of this name. */
export function isToolName(text: string): boolean {
  return NAME.test(text);
}

const DOTTED =
  /(?<![\d.])(\d{1,15})\.(\d{1,15})(?:\.(\d{1,15}))?(?:-((?:alpha|beta|rc|pre|preview|dev|nightly|canary|next|snapshot)[0-9A-Za-z.]*))?/i;
const ALONE = /(?:^|[\s(=:])v?(\d{1,15})(?=$|[\s),;])/i;

function normal(major?: string, minor = '0', patch = '0', preRelease?: string): string | null {
  if (major === undefined) return null;
  const numbers = [major, minor, patch].map(Number).join('.');
  const tail = preRelease?.replace(/\.+$/, '').replace(/\.0+(?=\d)/g, '.');
  return semver.valid(tail ? `${numbers}-${tail}` : numbers) ?? semver.valid(numbers);
}

function rangeOf(text: string): { test(version: string): boolean } | null {
  if (text === '' || text.length > MAX_RANGE_LENGTH) return null;
  try {
    // pre-releases count by their order: 1.10.0-rc1 is more than 1.9 and less than 1.10.0
    return new semver.Range(text, { includePrerelease: true });
  } catch {
    return null;
  }
}

function remembering<Result>(compute: (text: string) => Result): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const result = compute(text);
    if (known.size >= REMEMBERED) known.delete(known.keys().next().value!);
    known.set(text, result);
    return result;
  };
}
