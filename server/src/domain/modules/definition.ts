import type { EffectiveInput, EffectiveSettings } from '@dibs/shared';
import { canonicalJson } from './changed-outputs.js';
import type { InputKind, InputValues } from './resolve-inputs.js';

/**
 * All that decides what a module deploys, as a text that is the same for the same definition; it holds secrets. Where it
 * runs, for how long, who approves and what triggers it would deploy nothing else, and are left out; so are the levels that
 * set something, and values of outputs, whose changes are told by themselves.
 */
export function definitionText(settings: EffectiveSettings, secretOf: InputValues['secretOf']): string {
  const { engine, source, files, backend, flags, workspace, hooks } = settings;
  const inputs = (kind: InputKind) => mapValues(settings[kind], (input) => inputOf(kind, input, secretOf));
  return canonicalJson({
    engine: engine.value,
    // how much history comes with it makes no difference
    source: source.value && { ...source.value, depth: null },
    variables: inputs('variables'),
    environment: inputs('environment'),
    files: mapValues(files, ({ value }) => value),
    backend: backend.value,
    flags: flags.value,
    workspace: workspace.value,
    hooks: mapValues(hooks, ({ value }) => value),
  });
}

function inputOf(kind: InputKind, { value, origin, name }: EffectiveInput, secretOf: InputValues['secretOf']): object {
  return value.type === 'secret' ? { type: 'secret', value: secretOf(origin, kind, name) ?? null } : value;
}

function mapValues<Value>(entries: Readonly<Record<string, Value>>, toValue: (value: Value) => unknown): object {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, toValue(value)]));
}
