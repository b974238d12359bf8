import { expect } from '@jest/globals';
import type {
  GrantedJob,
  HierarchyNodeView,
  JobDetail,
  JobFinished,
  ModuleRun,
  Page,
  PlanSummary,
  Problem,
  RunOperation,
  RunState,
} from '@dibs/shared';
import { heldOf, stepSucceeded, succeeded, type FakeRunner } from './fake-runner.js';
import { eventually } from './job-fixtures.js';
import type { TestServer } from './test-server.js';

export const PLAN: PlanSummary = { add: 1, change: 0, destroy: 1, hasChanges: true, sha256: 'a'.repeat(64) };
export const COMMIT = 'c0ffee'.padEnd(40, '0');
export const planned = (plan: Partial<PlanSummary> = {}): Partial<JobFinished> => ({
  commit: COMMIT,
  engine: { plan: { ...PLAN, ...plan }, stateLock: { state: 'released' } },
});

/** What tests of runs do: make modules, begin runs of them, and work on their jobs. @param parts asked at each call */
export function moduleRunCalls(parts: () => { readonly server: TestServer; readonly fake: FakeRunner }) {
  const call = <Body = ModuleRun & Problem>(
    method: string,
    path: string,
    body?: object,
    on: TestServer = parts().server,
  ) => on.request<Body>(method, `/api/v1/${path}`, body);

  let sequence = 0;
  async function newModule(settings: object = {}): Promise<HierarchyNodeView> {
    const made = async (path: string, body: object) => (await call<HierarchyNodeView>('POST', path, body)).body;
    const stack = await made('stacks', { name: `s-${++sequence}` });
    const namespace = await made(`stacks/${stack.id}/namespaces`, { name: 'network' });
    return made(`namespaces/${namespace.id}/modules`, {
      name: 'vpc',
      settings: {
        engine: { name: 'terraform' },
        source: { type: 'git', url: 'https://git.example/vpc', versions: '^1' },
        variables: { key: { type: 'secret', value: 'planted' } },
        hooks: { 'after:apply': { type: 'script', run: 'echo applied' } },
        ...settings,
      },
    });
  }

  async function begin(module: HierarchyNodeView, operation: RunOperation = 'apply'): Promise<ModuleRun> {
    const { status, body } = await call('POST', `modules/${module.id}/runs`, { operation });
    expect([status, body.detail]).toEqual([201, undefined]);
    return body;
  }

  const runOf = async ({ id }: Pick<ModuleRun, 'id'>): Promise<ModuleRun> =>
    (await call('GET', `module-runs/${id}`)).body;
  const until = (run: ModuleRun, ...states: RunState[]): Promise<ModuleRun> =>
    eventually(
      () => runOf(run),
      ({ state }) => states.includes(state),
    );
  const jobsOf = async (module: HierarchyNodeView): Promise<readonly string[]> =>
    (await call<Page<JobDetail>>('GET', `jobs?module=${module.id}`)).body.items.map(({ name }) => name.split(' ')[0]!);

  /** Does the job as a runner would, and reports with the result what the engine found out. */
  async function work(jobId: string, result: Partial<JobFinished> = {}): Promise<GrantedJob> {
    const { fake } = parts();
    await fake.offerOf(jobId);
    const job = await fake.take(jobId);
    for (const step of job.spec.steps.keys()) {
      await fake.request('step:started', { ...heldOf(job), step, atMs: Date.now() });
      await fake.request('step:finished', stepSucceeded(job, step));
    }
    expect(await fake.finish({ ...succeeded(job), ...result })).toMatchObject({ ok: true });
    return job;
  }

  async function awaiting(module: HierarchyNodeView, operation: RunOperation = 'apply'): Promise<ModuleRun> {
    const run = await begin(module, operation);
    await work(run.firstJobId, planned());
    return until(run, 'awaiting_approval');
  }

  return { call, newModule, begin, until, jobsOf, work, awaiting };
}
