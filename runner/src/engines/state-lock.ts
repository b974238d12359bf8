import type { LockWord } from './engine.js';

// eslint-disable-next-line no-control-regex -- exactly those are looked for
const COLOURS = /\u001b\[[0-9;]*m/g;
/** terraform and tofu draw a line of bars beside what went wrong. */
const FRAME = /^[│╷╵\s]*/gm;
const MAX_TEXT_LENGTH = 512;

/** What terraform and tofu say when they cannot take the lock, or cannot give it back. */
export function lockInTerraform(output: string): LockWord | null {
  const text = output.replaceAll(COLOURS, '').replaceAll(FRAME, '');
  // the lock info of this backend is that of the lock that was not granted; whose the other one is, it does not say
  const http = /HTTP remote state already locked: ID=(\S+)/.exec(text)?.[1];
  if (http !== undefined) return held(http, undefined);
  const info = text.slice(text.lastIndexOf('Lock Info:'));
  const id = /^Lock Info:[^\n]*\n(?:[^\n]*\n){0,3}?ID:[ \t]+(\S+)/.exec(info)?.[1];
  if (id !== undefined) return held(id, /^Who:[ \t]+(\S.*?)\s*$/m.exec(info)?.[1]);
  return /Error (?:acquiring|releasing) the state lock/.test(text) ? { state: 'unclear' } : null;
}

/** What pulumi says about locks in storage of one's own; its service names no lock. */
export function lockInPulumi(output: string): LockWord | null {
  const text = output.replaceAll(COLOURS, '');
  const lock = /([^\s/\\]+)\.json: created by (\S.*?) at \S+\s*$/m.exec(text);
  if (lock?.[1] !== undefined && text.includes('currently locked by')) return held(lock[1], lock[2]);
  return /currently locked by|Another update is currently in progress/.test(text) ? { state: 'unclear' } : null;
}

function held(id: string, who: string | undefined): LockWord {
  return { state: 'held', id: id.slice(0, MAX_TEXT_LENGTH), who: who?.slice(0, MAX_TEXT_LENGTH) ?? null };
}
