import { readFileSync, realpathSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { EngineRefusal, type EngineContext } from './engine.js';

/**
 * Refuses to change anything when the state would be written into the workspace, which is thrown away after the job: what
 * was made could then never be found again. A plan that is only looked at harms nobody, so there it is only said.
 *
 * To be asked after `init`, because it takes down which backend is used and with what settings.
 */
export function checkStateStays(context: EngineContext): void {
  const { spec, say } = context;
  const { command, willBeApplied = false } = spec;
  if (command !== 'plan' && command !== 'apply') return;
  const file = localState(context);
  if (file === null || !isInside(context.workspace.privateDir, file)) return;
  const problem = `The state would be written into the workspace of this job, which is removed afterwards. Configure a backend for ${spec.name}.`;
  if (command === 'apply' || willBeApplied) throw new EngineRefusal('step_failed', `${problem} Nothing is applied.`);
  say(`${problem} This plan cannot be applied.`);
}

/** The file that holds the state; null: the state is elsewhere. */
function localState({ spec, workspace: { stepDir }, env }: EngineContext): string | null {
  const backend = readBackend(resolve(stepDir, env.TF_DATA_DIR || '.terraform', 'terraform.tfstate'));
  if (backend !== null && backend.type !== 'local') return null;
  const { path, workspace_dir: folder } = backend?.config ?? {};
  const name = env.TF_WORKSPACE || spec.workspace || 'default';
  return name === 'default'
    ? resolve(stepDir, path ?? 'terraform.tfstate')
    : resolve(stepDir, folder ?? 'terraform.tfstate.d', name, 'terraform.tfstate');
}

interface BackendRecord {
  readonly type?: string;
  readonly config?: { readonly path?: string | null; readonly workspace_dir?: string | null };
}

/** null: none is configured, so the engine uses files where it runs. */
function readBackend(file: string): BackendRecord | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return (JSON.parse(text) as { readonly backend?: BackendRecord | null }).backend ?? null;
}

/** Folders that exist are looked at as what they are, behind links. */
function isInside(folder: string, file: string): boolean {
  const parts = relative(realpathSync(folder), realOf(file)).split(sep);
  return parts[0] !== '..';
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = resolve(path, '..');
    return above === path ? path : join(realOf(above), relative(above, path));
  }
}
