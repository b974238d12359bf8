import { PHASES_OF_COMMAND, type EngineSpec, type JobSpec } from '@dibs/shared';
import { step } from './fake-server.js';

export type EngineJob = Partial<EngineSpec> & Pick<EngineSpec, 'name' | 'command'>;

/** What the server makes of a module. */
export function engineJob(engine: EngineJob): Pick<JobSpec, 'engine' | 'steps'> {
  const defaults = { version: null, destroys: false, variables: [], backend: {}, flags: {}, workspace: null };
  const steps = PHASES_OF_COMMAND[engine.command].map((phase) =>
    step(`${engine.name} ${phase}`, { name: phase, part: { type: 'engine', phase } }),
  );
  return { engine: { ...defaults, plan: null, lockId: null, ...engine }, steps };
}
