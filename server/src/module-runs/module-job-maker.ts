import { Injectable } from '@nestjs/common';
import type {
  ApprovalSetting,
  EngineChoice,
  EngineOutput,
  JobSpec,
  OrganizationId,
  Placement,
  RunOperation,
} from '@dibs/shared';
import { firstJobSpec, hooksOf, type Hooks } from '../domain/modules/module-job-spec.js';
import { keyOf, outputReferences, resolveInputs, type ResolvedInputs } from '../domain/modules/resolve-inputs.js';
import { JOB_LIMITS } from '../jobs/spec/job-limits.js';
import { problemOfText } from '../jobs/spec/safe-text.js';
import { ModuleOutputs } from '../module-outputs/module-outputs.js';
import { problemOfFlagsOf } from '../modules/engine-flags.js';
import { problemOfPathsTogether } from '../modules/module-files.js';
import { ModuleReader, secretIn, type ReadModule } from '../modules/module-reader.js';
import { AppError, badRequest } from '../platform/errors.js';
import { ModuleRunRepository } from './module-run.repository.js';
import { UnresolvedInputs } from './unresolved-inputs.js';

/** All inputs of a job together: an argument list and environment of Linux have 2 MiB in all. */
const MAX_INPUT_BYTES = 1024 * 1024;

export interface RunRequest {
  readonly operation: RunOperation;
  /** Of `unlock` alone. */
  readonly lockId: string | null;
}

/** The first job of a run, and what the run keeps for later. */
export interface MadeJob {
  readonly module: ReadModule;
  readonly spec: JobSpec;
  readonly secrets: Readonly<Record<string, string>>;
  readonly hooks: Hooks;
  readonly approval: ApprovalSetting;
}

/** Makes the first job of a run from what counts for its module at this moment. */
@Injectable()
export class ModuleJobMaker {
  constructor(
    private readonly modules: ModuleReader,
    private readonly outputs: ModuleOutputs,
    private readonly runs: ModuleRunRepository,
  ) {}

  /** @throws AppError 404, or 422 that says what the module lacks for it */
  async make(organizationId: OrganizationId, moduleId: string, request: RunRequest): Promise<MadeJob> {
    const module = await this.modules.read(organizationId, moduleId);
    const { settings } = module;
    const engine = settings.engine.value;
    if (engine === null) throw new AppError(422, 'no_engine', 'The module has no engine. Choose one in its settings.');
    assertRunnable(engine, module);
    const placement = await this.placementOf(organizationId, module, engine, request);
    const inputs = await this.resolve(organizationId, module, engine);
    const spec = firstJobSpec({ ...module, ...request, engine, placement, env: inputs.env });
    return { module, spec, secrets: inputs.secrets, hooks: hooksOf(settings), approval: settings.approval.value };
  }

  /** A lock is taken away where it was seen: that instance has the same access to the state. */
  private async placementOf(
    organizationId: OrganizationId,
    { id, settings }: ReadModule,
    engine: EngineChoice,
    { operation, lockId }: RunRequest,
  ): Promise<Placement> {
    const own = settings.placement.value;
    if (operation !== 'unlock') return own;
    if (lockId === null) {
      // pulumi knows one lock for each stack, and no names for it
      if (engine.name === 'pulumi') return own;
      throw invalid('lockId', `must be given to unlock a state of ${engine.name}`);
    }
    const seenAt = await this.runs.findLock(organizationId, id, lockId);
    if (seenAt === null) {
      throw new AppError(422, 'unknown_lock', 'No run of the module has reported that its state is held by this lock.');
    }
    return seenAt.instance === null ? own : seenAt;
  }

  private async resolve(
    organizationId: OrganizationId,
    module: ReadModule,
    engine: EngineChoice,
  ): Promise<ResolvedInputs> {
    const { settings } = module;
    const references = outputReferences(settings);
    const found = await this.outputs.values(organizationId, references);
    const byKey = new Map<string, EngineOutput | null>(
      references.map((reference, index) => [keyOf(reference), found[index] ?? null]),
    );
    const inputs = resolveInputs(engine.name, settings, {
      secretOf: secretIn(module),
      outputOf: (reference) => byKey.get(keyOf(reference)) ?? null,
      problemOfValue,
    });
    const { problems, env, secrets: hidden } = inputs;
    if (problems.length > 0) throw new UnresolvedInputs(problems);
    const bytes = Buffer.byteLength(JSON.stringify([env, hidden]));
    if (bytes > MAX_INPUT_BYTES) {
      throw new AppError(422, 'inputs_too_large', `All inputs together have more than ${MAX_INPUT_BYTES} bytes.`);
    }
    return inputs;
  }
}

/** What each level may set by itself need not go together. */
function assertRunnable(engine: EngineChoice, { settings }: ReadModule): void {
  const { source, files, flags, backend } = settings;
  if (source.value === null && Object.keys(files).length === 0) {
    throw new AppError(422, 'no_configuration', 'The module has neither a source nor files.');
  }
  const paths = problemOfPathsTogether(Object.keys(files));
  if (paths !== null) throw unfit('files', paths);
  const flag = problemOfFlagsOf(engine.name, flags.value);
  if (flag !== null) throw unfit('flags', flag);
  const foreign = Object.keys(backend.value).find((name) => engine.name === 'pulumi' && name !== 'url');
  if (foreign !== undefined) throw unfit('backend', `has ${foreign}; pulumi takes url alone`);
}

function problemOfValue(value: string): string | null {
  const { environmentValueBytes: most } = JOB_LIMITS;
  return Buffer.byteLength(value) > most ? `has a value with more than ${most} bytes` : problemOfText(value);
}

function unfit(property: string, message: string): AppError {
  const path = `settings.${property}`;
  return new AppError(422, 'unfit_settings', `What counts for the module does not fit: ${path} ${message}.`, {
    errors: [{ path, message }],
  });
}

function invalid(path: string, message: string): AppError {
  return badRequest('validation_failed', `${path} ${message}.`, [{ path, message }]);
}
