import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { EngineSpec, GrantedJob, JobId } from '@dibs/shared';
import { createRunner, FakeRunner, fetchRunnerToken, submitJob, type RunnerCredentials } from './fake-runner.js';
import type { Hierarchy } from './hierarchy-fixtures.js';
import type { TestServer } from './test-server.js';

export const ENGINE: EngineSpec = {
  name: 'terraform',
  version: null,
  command: 'plan',
  destroys: false,
  variables: [],
  backend: {},
  flags: {},
  workspace: null,
  plan: null,
  lockId: null,
};

/** One runner process and the token with which it calls over HTTP. */
export interface Worker {
  readonly fake: Awaited<ReturnType<typeof FakeRunner.online>>;
  readonly token: string;
}

/** Of a runner of its own, which may take the jobs of all modules. Close it. */
export async function makeWorker(server: TestServer): Promise<Worker> {
  const runner: RunnerCredentials = await createRunner(server, { isAssignedToAllModules: true });
  const fake = await FakeRunner.online(server, runner, { instance: `i-${randomUUID()}`, hello: { slots: 100 } });
  return { fake, token: await fetchRunnerToken(server, runner) };
}

/** A queued job of a module. The spec is what a run of a module would have made. */
export async function submitEngineJob(
  server: TestServer,
  client: pg.Client,
  scope: Hierarchy,
  engine: Partial<EngineSpec> = {},
): Promise<JobId> {
  const id = await submitJob(server, { scope, executor: { type: 'noop' } });
  await client.query(`UPDATE job_submissions SET spec = jsonb_set(spec, '{engine}', $2) WHERE id = $1`, [
    id,
    { ...ENGINE, ...engine },
  ]);
  return id;
}

export interface Call {
  readonly token: string | null;
  readonly body?: Uint8Array | ReadableStream;
  readonly type?: string;
  readonly claimToken?: string;
}

/** A call of the runner that holds the attempt, unless told otherwise. */
export function callFile(
  server: TestServer,
  method: 'GET' | 'PUT',
  file: string,
  job: Pick<GrantedJob, 'jobId' | 'attempt' | 'claimToken'>,
  { token, body, type = 'application/octet-stream', claimToken = job.claimToken }: Call,
): Promise<Response> {
  return fetch(`${server.url}/api/v1/attempts/${job.jobId}/${job.attempt}/${file}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': type }),
      'x-dibs-claim-token': claimToken,
    },
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  } as RequestInit);
}
