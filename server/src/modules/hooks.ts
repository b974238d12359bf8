import { HOOK_POINTS, STEP_SHELLS, type HookPoint, type StepShell } from '@dibs/shared';
import { isRecord } from '../jobs/spec/environment.js';
import { problemOfScript } from '../jobs/spec/script.js';

/** @returns what is wrong with `hooks`, as a half sentence; null: nothing */
export function problemOfHooks(value: unknown): string | null {
  if (!isRecord(value)) return 'must be an object of hooks by where they run';
  for (const [point, hook] of Object.entries(value)) {
    if (!HOOK_POINTS.includes(point as HookPoint)) {
      // it came from outside: shown as JSON, cut, so that it cannot break the message
      return `has a hook at ${JSON.stringify(point.slice(0, 64))}; hooks run at ${HOOK_POINTS.join(', ')}`;
    }
    const problem = hook === null ? null : problemOfHook(hook);
    if (problem) return `has a hook at ${point} that ${problem}`;
  }
  return null;
}

function problemOfHook(hook: unknown): string | null {
  if (!isRecord(hook)) return 'must be an object, or null';
  const { type, run, shell, ...rest } = hook;
  if (type === 'none' && run === undefined && shell === undefined && Object.keys(rest).length === 0) return null;
  if (type !== 'script' || Object.keys(rest).length > 0) {
    return 'must be {"type":"script","run":"…"}, also with a "shell", or {"type":"none"}';
  }
  if (shell !== undefined && !STEP_SHELLS.includes(shell as StepShell)) {
    return `must have one of ${STEP_SHELLS.join(', ')} as shell`;
  }
  const problem = problemOfScript(run);
  return problem && `has a run that ${problem}`;
}
