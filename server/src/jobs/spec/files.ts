import { isRecord } from './environment.js';
import { JOB_LIMITS } from './job-limits.js';
import { problemOfRelativePath } from './safe-path.js';
import { problemOfText } from './safe-text.js';

/** @returns what is wrong with `files`, as a half sentence; null: nothing */
export function problemOfFiles(value: unknown): string | null {
  if (!Array.isArray(value) || value.length > JOB_LIMITS.files) {
    return `must be an array of at most ${JOB_LIMITS.files} files`;
  }
  const paths = new Set<string>();
  let bytes = 0;
  for (const [index, file] of (value as unknown[]).entries()) {
    const problem = problemOfFile(file);
    if (problem) return `has, at index ${index}, a file ${problem}`;
    const { path, content } = file as { path: string; content: string };
    if (paths.has(path)) return `names the same path twice, at index ${index}`;
    paths.add(path);
    bytes += Buffer.byteLength(content);
  }
  if (bytes > JOB_LIMITS.filesBytes) return `must have at most ${JOB_LIMITS.filesBytes} bytes of content in sum`;
  return problemOfNesting(paths);
}

function problemOfFile(file: unknown): string | null {
  if (!isRecord(file) || typeof file.path !== 'string' || typeof file.content !== 'string') {
    return 'that is not an object with the strings path and content';
  }
  if (Object.keys(file).length !== 2) return 'with other properties than path and content';
  const pathProblem = problemOfRelativePath(file.path);
  if (pathProblem) return `whose path ${pathProblem}`;
  const contentProblem = problemOfText(file.content);
  return contentProblem ? `whose content ${contentProblem}` : null;
}

/** `a` and `a/b` cannot both be files. */
function problemOfNesting(paths: ReadonlySet<string>): string | null {
  for (const path of paths) {
    const segments = path.split('/');
    for (let depth = 1; depth < segments.length; depth += 1) {
      if (paths.has(segments.slice(0, depth).join('/'))) return 'uses one path as a file and as a folder';
    }
  }
  return null;
}
