import type {
  CreateHierarchyNodeBody,
  HierarchyNodeView,
  ModuleRun,
  ModuleSettingsPatch,
  Page,
  ScopeRun,
  ScopeRunView,
  StartScopeRunBody,
} from '@dibs/shared';
import type { Api } from './api.js';
import { eventually } from './eventually.js';

const OVER = new Set<ModuleRun['state']>(['succeeded', 'failed', 'canceled', 'rejected', 'expired']);
/** terraform starts slowly beside other tests. */
const RUN_WITHIN_MS = 180_000;

/** Modules of one namespace, and their runs, over REST. */
export class ModuleTree {
  private constructor(
    private readonly api: Api,
    private readonly stackId: string,
    private readonly namespaceId: string,
  ) {}

  /** @param settings what all of its modules inherit */
  static async grow(api: Api, settings: ModuleSettingsPatch, name = 'prod'): Promise<ModuleTree> {
    const make = (path: string, body: CreateHierarchyNodeBody) =>
      api.call<HierarchyNodeView>('POST', `/api/v1/${path}`, body);
    const stack = await make('stacks', { name });
    const namespace = await make(`stacks/${stack.id}/namespaces`, { name: 'main', settings });
    return new ModuleTree(api, stack.id, namespace.id);
  }

  async module(name: string, settings: ModuleSettingsPatch): Promise<string> {
    const path = `/api/v1/namespaces/${this.namespaceId}/modules`;
    return (await this.api.call<HierarchyNodeView>('POST', path, { name, settings })).id;
  }

  change(moduleId: string, settings: ModuleSettingsPatch): Promise<HierarchyNodeView> {
    return this.api.call('PATCH', `/api/v1/modules/${moduleId}`, { settings });
  }

  start(moduleId: string, body: object): Promise<ModuleRun> {
    return this.api.call('POST', `/api/v1/modules/${moduleId}/runs`, body);
  }

  /** Begins a run of the whole stack. */
  startAll(body: StartScopeRunBody): Promise<ScopeRunView> {
    return this.api.call('POST', `/api/v1/stacks/${this.stackId}/runs`, body);
  }

  /** The run of the whole stack once it is over, or once this holds. */
  all(run: ScopeRun, holds: (now: ScopeRunView) => boolean = () => false): Promise<ScopeRunView> {
    return eventually(
      `run ${run.id} of ${run.path}`,
      async () => {
        const now = await this.api.call<ScopeRunView>('GET', `/api/v1/scope-runs/${run.id}`);
        if (now.state !== 'running' || holds(now)) return now;
        throw new Error(`its modules are ${JSON.stringify(now.modules)}`);
      },
      RUN_WITHIN_MS,
    );
  }

  approve(runId: string): Promise<ModuleRun> {
    return this.api.call('POST', `/api/v1/module-runs/${runId}/approve`, { comment: 'looks right' });
  }

  cancel(runId: string): Promise<ModuleRun> {
    return this.api.call('POST', `/api/v1/module-runs/${runId}/cancel`);
  }

  async runs(moduleId: string): Promise<readonly ModuleRun[]> {
    return (await this.api.call<Page<ModuleRun>>('GET', `/api/v1/modules/${moduleId}/runs`)).items;
  }

  /** The run in this state. A run that ends in another one fails at once, with the log of its last job. */
  async in(state: ModuleRun['state'], runId: string): Promise<ModuleRun> {
    const reached = await eventually(
      `run ${runId} ${state}`,
      async () => {
        const run = await this.api.call<ModuleRun>('GET', `/api/v1/module-runs/${runId}`);
        if (run.state === state || OVER.has(run.state)) return run;
        throw new Error(`it is ${run.state}`);
      },
      RUN_WITHIN_MS,
    );
    if (reached.state === state) return reached;
    const log = await this.api.log(reached.applyJobId ?? reached.firstJobId, 1);
    throw new Error(`run ${runId} is ${reached.state}: ${log.map(({ text }) => text).join('\n')}`);
  }
}
