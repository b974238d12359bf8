import type { Tool } from '@dibs/shared';
import { tmpdir } from 'node:os';
import { delimiter } from 'node:path';
import { findExecutable } from './find-executable.js';
import { spawnTree } from './process-tree.js';

/** How to ask the usual tools; every other one is asked with `--version`. */
const VERSION_ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  terraform: ['version'],
  tofu: ['version'],
  pulumi: ['version'],
  docker: ['--version'],
  git: ['--version'],
};
const ANSWER_WITHIN_MS = 5_000;
const MAX_OUTPUT_LENGTH = 4_096;

/**
 * Which of the usual tools (terraform, tofu, pulumi, docker, git) and of `names` are on the search path or in
 * `extraDirs` (first), with their versions. Each has 5 s to answer, all at the same time. Never rejects.
 */
export async function findTools(
  names: readonly string[],
  extraDirs: readonly string[],
  searchPath: string | undefined = process.env.PATH,
): Promise<Tool[]> {
  const wanted = [...new Set([...Object.keys(VERSION_ARGUMENTS), ...names])].sort();
  const path = [...extraDirs, searchPath ?? ''].join(delimiter);
  const tools = wanted.map(async (name) => {
    const program = findExecutable(name, path);
    return program === null ? null : { name, version: await versionOf(program, name, path) };
  });
  return (await Promise.all(tools)).filter((tool) => tool !== null);
}

/** null: it ended badly, took too long, or printed nothing that looks like a version. */
async function versionOf(program: string, name: string, path: string): Promise<string | null> {
  let output = '';
  const keep = (chunk: Buffer) => {
    if (output.length < MAX_OUTPUT_LENGTH) output += chunk.toString('utf8');
  };
  const tree = spawnTree({
    command: [program, ...(VERSION_ARGUMENTS[name] ?? ['--version'])],
    cwd: tmpdir(),
    // Nothing of the runner's environment, and no calls home to ask for updates.
    env: { PATH: path, HOME: tmpdir(), LANG: 'C', CHECKPOINT_DISABLE: '1', PULUMI_SKIP_UPDATE_CHECK: 'true' },
    marker: { jobId: `tool-${name}-${process.pid}`, attempt: 0 },
    cgroupRoot: null,
    onStdout: keep,
    onStderr: keep,
    pipeGraceMs: 200,
  });
  const timer = setTimeout(() => void tree.kill(), ANSWER_WITHIN_MS);
  const { exitCode } = await tree.ended;
  clearTimeout(timer);
  return exitCode === 0 ? parseVersion(output) : null;
}

/** The first thing that looks like a version: `git version 2.39.5`, `Terraform v1.9.0`, `v3.100.0`. */
export function parseVersion(output: string): string | null {
  return (
    /(?<![\w.])v?(\d{1,9}(?:\.\d{1,9}){1,3}(?:[-+][0-9A-Za-z.+-]{1,40})?)/.exec(
      output.slice(0, MAX_OUTPUT_LENGTH),
    )?.[1] ?? null
  );
}
