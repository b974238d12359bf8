import { isRecord } from '../jobs/spec/environment.js';
import { JOB_LIMITS } from '../jobs/spec/job-limits.js';
import { problemOfRelativePath } from '../jobs/spec/safe-path.js';
import { problemOfText } from '../jobs/spec/safe-text.js';

/** Devices on Windows, whatever follows the first dot. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?$/i;

/** @returns what is wrong with `files`, as a half sentence; null: nothing */
export function problemOfModuleFiles(value: unknown): string | null {
  if (!isRecord(value)) return 'must be an object of files by their paths';
  const entries = Object.entries(value);
  if (entries.length > JOB_LIMITS.files) return `must have at most ${JOB_LIMITS.files} files`;
  for (const [path, file] of entries) {
    const pathProblem = problemOfModulePath(path);
    // the path came from outside: shown as JSON, cut, so that it cannot break the message
    if (pathProblem) return `has a path, ${JSON.stringify(path.slice(0, 64))}, that ${pathProblem}`;
    const problem = file === null ? null : problemOfFile(file);
    if (problem) return `has a file under ${JSON.stringify(path)} that ${problem}`;
  }
  return null;
}

/**
 * As for the files of any job, and nothing that one file system takes for another name: settings are written far from
 * the runner that gets them.
 */
function problemOfModulePath(path: string): string | null {
  const problem = problemOfRelativePath(path);
  if (problem) return problem;
  const segments = path.split('/');
  if (segments.some((segment) => /[. ]$/.test(segment))) return 'must not have segments that end in a dot or space';
  if (segments.some((segment) => /[<>:"|?*]/.test(segment))) return 'must not contain any of < > : " | ? *';
  if (segments.some((segment) => DEVICE.test(segment))) return 'must not have the name of a device';
  return null;
}

function problemOfFile(file: unknown): string | null {
  if (!isRecord(file)) return 'must be an object, or null';
  const { type, content, ...rest } = file;
  if (type === 'none' && content === undefined && Object.keys(rest).length === 0) return null;
  if (type !== 'text' || typeof content !== 'string' || Object.keys(rest).length > 0) {
    return 'must be {"type":"text","content":"…"} or {"type":"none"}';
  }
  const problem = problemOfText(content);
  return problem && `has content that ${problem}`;
}

/**
 * Whether these can be files beside each other on every file system: not the same but for case or the spelling of its
 * characters, and none of them the folder of another.
 *
 * @returns what is wrong, as a half sentence; null: nothing
 */
export function problemOfPathsTogether(paths: readonly string[]): string | null {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const folded = folding(path);
    const other = seen.get(folded);
    if (other !== undefined)
      return `has ${JSON.stringify(other)} and ${JSON.stringify(path)}, which are one file on some systems`;
    seen.set(folded, path);
  }
  for (const path of paths) {
    const segments = folding(path).split('/');
    const folder = segments.map((_, depth) => segments.slice(0, depth).join('/')).find((above) => seen.has(above));
    if (folder !== undefined) return `uses ${JSON.stringify(seen.get(folder))} as a file and as a folder`;
  }
  return null;
}

function folding(path: string): string {
  return path.normalize('NFKC').toLowerCase().normalize('NFKC');
}
