import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type {
  JobDetail,
  JobExplanation,
  JobId,
  JobSummary,
  OrganizationId,
  Page,
  Problem,
  RunnerCreated,
} from '@dibs/shared';
import { LaneWarnerService } from '../../src/explain/lane-warner.service.js';
import { insertInstance } from '../support/access-fixtures.js';
import { insertHierarchy } from '../support/hierarchy-fixtures.js';
import {
  claimBySql,
  connect,
  defaultOrganization,
  eventually,
  makeTenant,
  makeToken,
  type Tenant,
} from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let client: pg.Client;
let organizationId: OrganizationId;
let other: Tenant;
let viewer: string;

beforeAll(async () => {
  // at full scale, so that instances stay online and sweeps stay away while a test looks
  server = await startTestServer({ TIME_SCALE: '1' });
  client = await connect(server.databaseUrl);
  organizationId = await defaultOrganization(client);
  other = await makeTenant(client);
  viewer = await makeToken(client, organizationId, 'viewer');
});
afterAll(async () => {
  await client.end();
  await server.stop();
});
beforeEach(async () => {
  await client.query('UPDATE organizations SET max_running_jobs = NULL');
  await client.query(
    `UPDATE jobs SET state = 'canceled', finished_at = now() WHERE state IN ('queued', 'waiting', 'claimed', 'running')`,
  );
  await client.query('DELETE FROM runner_instances');
  await client.query('DELETE FROM runners');
});

const steps = [{ run: 'true' }];
let sequence = 0;

async function submit(body: object = {}): Promise<JobId> {
  const reply = await server.request<JobSummary>('POST', '/api/v1/jobs', { steps, ...body });
  expect([reply.status, reply.body]).toEqual([201, expect.anything()]);
  return reply.body.id;
}

async function explained(id: string, token = viewer): Promise<JobExplanation> {
  const reply = await server.request<JobExplanation>('GET', `/api/v1/jobs/${id}/explain`, undefined, { token });
  expect([reply.status, reply.body]).toEqual([200, expect.anything()]);
  return reply.body;
}

const whatIf = (body: object, token = viewer) =>
  server.request<JobExplanation & Problem>('POST', '/api/v1/jobs/explain', { steps, ...body }, { token });

async function newRunner(body: object = {}): Promise<RunnerCreated> {
  const { body: runner } = await server.request<RunnerCreated>('POST', '/api/v1/runners', {
    name: `pool-${++sequence}`,
    ...body,
  });
  return runner;
}

/** A runner with one instance that has two slots, git 2.47.0 and zone=eu. */
async function pool(state: object = {}, body: object = {}): Promise<RunnerCreated & { instanceId: string }> {
  const runner = await newRunner(body);
  const idle = { connected: true, lastSeenSecondsAgo: 0, ...state };
  return { ...runner, instanceId: await insertInstance(server.databaseUrl, runner.id, 'i-0', idle) };
}

/** Uses up a slot of the instance. */
async function occupy(instanceId: string, jobId: JobId): Promise<void> {
  await claimBySql(client, jobId);
  await client.query('UPDATE jobs SET instance_id = $1 WHERE id = $2', [instanceId, jobId]);
}

describe('a job is explained', () => {
  test('while a free runner could take it', async () => {
    const runner = await pool();
    const answer = await explained(await submit({ requires: { tools: ['git@>=2.40'], labels: { zone: 'eu' } } }));
    expect(answer).toMatchObject({
      state: 'queued',
      verdict: 'can_start_now',
      queue: { count: 0, more: false },
      canTakeNow: 1,
      rules: [],
      notListed: 0,
      claimedBy: null,
      pauses: [],
      concurrency: null,
      quota: null,
    });
    expect(answer.runners).toEqual([
      {
        runnerId: runner.id,
        runner: runner.name,
        instanceId: runner.instanceId,
        instance: 'i-0',
        online: true,
        rule: null,
        getsChild: null,
        text: 'It can take the job now.',
      },
    ]);
  });

  test('while every slot is in use, with its place in line', async () => {
    const { instanceId } = await pool();
    for (let slot = 0; slot < 2; slot += 1) await occupy(instanceId, await submit());
    await submit({ priority: 5 });
    await submit();
    const answer = await explained(await submit());
    expect(answer).toMatchObject({ verdict: 'waiting_for_slot', queue: { count: 2, more: false } });
    expect(answer.rules).toEqual([{ rule: 'no_free_slot', count: 1 }]);
    expect((await explained(await submit({ slots: 2 }))).runners[0]?.rule).toBe('no_free_slot');
  });

  test('while whoever fits is away, whatever server it was connected to', async () => {
    await pool({ lastSeenSecondsAgo: 3_600 });
    await pool({ draining: true });
    const answer = await explained(await submit());
    expect(answer.verdict).toBe('waiting_for_runner');
    expect(answer.runners.map((each) => each.rule)).toEqual(['draining', 'offline']);
    expect(answer.summary).toBe('2 known instances fit, but none can take it: 1 offline, 1 draining.');
  });

  test.each([
    [{ requires: { tools: ['git@>=3'] } }, 'tool_version'],
    [{ requires: { tools: ['tofu'] } }, 'tool_missing'],
    [{ requires: { labels: { zone: 'us' } } }, 'label_mismatch'],
    [{ slots: 3 }, 'slots_too_few'],
    [{ runner: 'somebody-else' }, 'other_runner'],
    [{ instance: 'i-9' }, 'other_instance'],
  ])('when nobody could ever take %j', async (body, rule) => {
    await pool();
    const answer = await explained(await submit(body));
    expect([answer.verdict, answer.runners[0]?.rule]).toEqual(['no_runner_matches', rule]);
    expect(answer.summary).toContain(answer.runners[0]?.text);
  });

  test('when there is nobody at all, or only a record that nobody ever used, or a disabled one', async () => {
    const id = await submit();
    expect((await explained(id)).summary).toBe('No runner is registered, so nobody could ever take it.');
    await newRunner();
    expect((await explained(id)).runners[0]).toMatchObject({ rule: 'never_connected', instanceId: null });
    await client.query('DELETE FROM runners');
    await pool({}, { disabled: true });
    expect(await explained(id)).toMatchObject({ verdict: 'no_runner_matches', runners: [{ rule: 'runner_disabled' }] });
  });

  test('by the assignments of the runner', async () => {
    const hierarchy = await insertHierarchy(client, organizationId, `stack-${++sequence}`);
    const { id } = await pool({}, { isAssignedToAllModules: false });
    const scope = { stackId: hierarchy.stackId, namespaceId: hierarchy.namespaceId, moduleId: hierarchy.moduleId };
    const before = await whatIf({ scope });
    expect(before.body).toMatchObject({ verdict: 'no_runner_matches', runners: [{ rule: 'not_assigned' }] });
    await server.request('POST', `/api/v1/runners/${id}/assignments`, { namespaceId: hierarchy.namespaceId });
    expect((await whatIf({ scope })).body.verdict).toBe('can_start_now');
    expect((await whatIf({})).body.verdict).toBe('no_runner_matches');
  });

  test('while it is held by a pause of its organization or its runner', async () => {
    const runner = await pool();
    const id = await submit();
    const hold = async (target: object): Promise<string> => {
      const reply = await server.request<{ id: string }>('POST', '/api/v1/pauses', { target, note: 'new disks' });
      expect(reply.status).toBe(201);
      return reply.body.id;
    };
    for (const target of [
      { type: 'organization', id: organizationId },
      { type: 'runner', id: runner.id },
    ]) {
      const pauseId = await hold(target);
      const answer = await explained(id);
      expect([answer.verdict, answer.summary]).toEqual(['held_by_pause', expect.stringContaining('new disks')]);
      expect(answer.pauses).toMatchObject([{ target: target.type, note: 'new disks', who: 'test-owner' }]);
      expect(JSON.stringify(answer.runners)).not.toContain('It can take the job now.');
      await server.request('DELETE', `/api/v1/pauses/${pauseId}`);
    }
    expect(await explained(id)).toMatchObject({ verdict: 'can_start_now', pauses: [] });
  });

  test('once it is claimed, runs, and has ended', async () => {
    const { instanceId } = await pool();
    const id = await submit();
    await occupy(instanceId, id);
    const answer = await explained(id);
    expect(answer).toMatchObject({ verdict: 'starting', runners: [], queue: null, queueExpiresAt: null });
    expect(answer.claimedBy).toMatchObject({ runner: 'pool', instance: 'pool-0', instanceId });
    await client.query(`UPDATE jobs SET state = 'running' WHERE id = $1`, [id]);
    expect((await explained(id)).verdict).toBe('running');
    await client.query(`UPDATE jobs SET state = 'failed', reason = 'step_failed' WHERE id = $1`, [id]);
    expect(await explained(id)).toMatchObject({
      verdict: 'ended',
      summary: 'It has ended: failed. A step ended with an exit code other than 0.',
    });
  });

  test('while its concurrency group is full: by whom, and behind how many', async () => {
    await pool();
    const concurrency = { key: `group-${++sequence}`, limit: 1 };
    const wait = `UPDATE jobs SET state = 'waiting', reason = 'concurrency_group' WHERE id = $1`;
    const first = await submit({ concurrency, name: 'first' });
    await client.query(`UPDATE jobs SET state = 'queued', reason = NULL WHERE id = $1`, [first]);
    const [second, third] = [await submit({ concurrency }), await submit({ concurrency })];
    for (const id of [second, third]) await client.query(wait, [id]);
    const answer = await explained(third);
    expect(answer).toMatchObject({
      verdict: 'concurrency_group',
      queue: { count: 1, more: false },
      concurrency: { ...concurrency, active: { count: 1, more: false }, heldBy: [{ id: first, name: 'first' }] },
    });
    expect((await whatIf({ concurrency })).body).toMatchObject({
      verdict: 'concurrency_group',
      queue: { count: 2, more: false },
    });
  });

  test('while the quota is used up, and while it waits for another try', async () => {
    await pool();
    const id = await submit();
    await client.query('UPDATE organizations SET max_running_jobs = 1 WHERE id = $1', [organizationId]);
    expect((await whatIf({})).body).toMatchObject({ verdict: 'quota', quota: { limit: 1, used: 1 } });
    await client.query(`UPDATE jobs SET state = 'waiting', reason = 'quota' WHERE id = $1`, [id]);
    expect((await explained(id)).verdict).toBe('quota');
    const wakeAt = new Date(Date.now() + 3_600_000);
    await client.query(`UPDATE jobs SET reason = 'retry_backoff', wake_at = $2 WHERE id = $1`, [id, wakeAt]);
    expect(await explained(id)).toMatchObject({ verdict: 'retry_backoff', wakeAt: wakeAt.toISOString() });
  });
});

describe('what-if', () => {
  test('of a fan-out tells who would get a child and who not, and submitting it makes just that', async () => {
    const runner = await newRunner();
    for (const [name, state] of [
      ['here', { connected: true, lastSeenSecondsAgo: 0 }],
      ['there', { connected: true, lastSeenSecondsAgo: 0 }],
      ['away', { connected: false, lastSeenSecondsAgo: 3_600 }],
    ] as const) {
      await insertInstance(server.databaseUrl, runner.id, name, state);
    }
    const elsewhere = await pool();
    const body = { runner: runner.name, fanOut: { batchSize: 1 } };
    const fanOut = { total: 2, batchSize: 1, skipped: [`${runner.name}/away`] };
    const { body: before } = await whatIf(body);
    expect(before).toMatchObject({ verdict: 'fan_out', fanOut, queue: null, state: null });
    expect(before.summary).toMatch(/^2 instances get a child each, 1 at a time\. One more matches, but/);
    expect(before.runners.map((each) => [each.instance, each.getsChild, each.rule])).toEqual([
      ['here', true, null],
      ['there', true, null],
      ['away', false, 'offline'],
      ['i-0', false, 'other_runner'],
    ]);
    expect((await whatIf({ ...body, fanOut: { offline: 'wait' } })).body.fanOut).toEqual({
      ...{ total: 3, batchSize: null, skipped: [] },
    });
    expect((await whatIf({ runner: elsewhere.name, requires: { tools: ['tofu'] }, fanOut: true })).body).toMatchObject({
      verdict: 'no_runner_matches',
      fanOut: { total: 0 },
    });

    const id = await submit(body);
    const stored = await eventually(
      () => explained(id),
      ({ runners }) => runners.length === 0,
    );
    expect(stored).toMatchObject({ verdict: 'fan_out', fanOut });
    const { body: job } = await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`);
    expect(job.children).toMatchObject(fanOut);
  });

  test('stores nothing', async () => {
    await pool();
    const count = async (): Promise<unknown> => (await client.query('SELECT count(*) FROM jobs')).rows[0];
    const before = await count();
    const reply = await whatIf({ secrets: { TOKEN: 'hush-hush' }, priority: 3 });
    expect([reply.status, reply.body.verdict, reply.body.jobId, reply.body.state]).toEqual([
      200,
      'can_start_now',
      null,
      null,
    ]);
    expect(JSON.stringify(reply.body)).not.toContain('hush-hush');
    expect(await count()).toEqual(before);
  });

  test('is in the lane, and at the place, that the job would get', async () => {
    await pool();
    const body = { requires: { tools: ['git'] } };
    const id = await submit(body);
    expect((await whatIf(body)).body).toMatchObject({ lane: (await explained(id)).lane, queue: { count: 1 } });
    expect((await whatIf({ ...body, priority: 1 })).body.queue).toEqual({ count: 0, more: false });
  });

  test.each([
    [{ steps: [] }, 400],
    [{ requires: { tools: ['git@newest'] } }, 400],
    [{ requires: { prefers: { a: 1 } } }, 400],
    [{ organizationId: randomUUID() }, 400],
    [{ state: 'running' }, 400],
    [{ slots: 0 }, 400],
    [{ scope: { stackId: randomUUID() } }, 422],
    [{ scope: { stackId: "' OR 1=1" } }, 400],
  ])('refuses %j as the submit would', async (body, status) => {
    expect((await whatIf(body)).status).toBe(status);
    const submitted = await server.request('POST', '/api/v1/jobs', { steps, ...body });
    expect(submitted.status).toBe(status);
  });
});

describe('nobody learns of what is foreign', () => {
  test.each(['x', randomUUID(), '0', "';--"])('a job that is not there (%s) is 404', async (id) => {
    const reply = await server.request('GET', `/api/v1/jobs/${encodeURIComponent(id)}/explain`);
    expect(reply.status).toBe(404);
  });

  test('of another organization: jobs, runners, groups and places in line', async () => {
    await pool();
    const concurrency = { key: 'shared-name', limit: 1 };
    const id = await submit({ concurrency });
    const asOther = { token: other.token };
    const reply = await server.request('GET', `/api/v1/jobs/${id}/explain`, undefined, asOther);
    const missing = await server.request('GET', `/api/v1/jobs/${randomUUID()}/explain`, undefined, asOther);
    expect([reply.status, missing.status]).toEqual([404, 404]);
    const foreign = (await whatIf({ concurrency }, other.token)).body;
    expect(foreign).toMatchObject({ verdict: 'no_runner_matches', runners: [], notListed: 0, queue: { count: 0 } });
    expect(foreign.concurrency).toMatchObject({ active: { count: 0 }, heldBy: [] });
  });

  test('without signing in', async () => {
    const id = await submit();
    const asNobody = { token: null };
    expect((await server.request('GET', `/api/v1/jobs/${id}/explain`, undefined, asNobody)).status).toBe(401);
    expect((await server.request('POST', '/api/v1/jobs/explain', { steps }, asNobody)).status).toBe(401);
  });
});

describe('a job that nobody could ever take', () => {
  const check = (): Promise<void> => server.app.get(LaneWarnerService).check();
  const read = async (id: string): Promise<JobDetail> =>
    (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;

  test('says so, alone of all, until somebody fits', async () => {
    await pool();
    const [hopeless, fine] = [await submit({ requires: { tools: ['tofu'] } }), await submit()];
    await check();
    expect(await read(hopeless)).toMatchObject({ state: 'queued', reason: 'no_matching_runner' });
    expect((await read(fine)).reason).toBeNull();
    const { body } = await server.request<Page<JobSummary>>('GET', '/api/v1/jobs?state=queued');
    expect(body.items.find((job) => job.id === hopeless)?.reason).toBe('no_matching_runner');
    const metrics = async (): Promise<string> => (await server.request<string>('GET', '/metrics')).body;
    expect(await metrics()).toMatch(/^dibs_lanes_without_runner 1$/m);

    // offline, but known: it may come back
    const { instanceId } = await pool({ connected: false, lastSeenSecondsAgo: 3_600 });
    await client.query(`UPDATE runner_instances SET tools = '[{"name":"tofu","version":null}]' WHERE id = $1`, [
      instanceId,
    ]);
    await check();
    expect((await read(hopeless)).reason).toBeNull();
    expect(await metrics()).toMatch(/^dibs_lanes_without_runner 0$/m);
    await client.query('DELETE FROM runner_instances WHERE id = $1', [instanceId]);
    await check();
    const again = await read(hopeless);
    expect(again.reason).toBe('no_matching_runner');
    expect(again.timeline.map((event) => event.type).filter((type) => /runner/.test(type))).toEqual([
      'no_matching_runner',
      'runner_matches',
      'no_matching_runner',
    ]);
  });

  test('is one row for its lane, whatever other servers look at the same moment', async () => {
    await pool();
    for (let count = 0; count < 5; count += 1) await submit({ requires: { tools: ['never'] } });
    await Promise.all([check(), check(), check()]);
    const { rows } = await client.query(`SELECT lane FROM lane_warnings WHERE cleared_at IS NULL`);
    expect(rows).toHaveLength(1);
  });

  test('is not raised for a runner that is disabled or not assigned, and is for one that is neither', async () => {
    const runner = await pool({}, { isAssignedToAllModules: false });
    const id = await submit({});
    await check();
    expect((await read(id)).reason).toBe('no_matching_runner');
    await server.request('PATCH', `/api/v1/runners/${runner.id}`, { isAssignedToAllModules: true });
    await check();
    expect((await read(id)).reason).toBeNull();
    await server.request('PATCH', `/api/v1/runners/${runner.id}`, { disabled: true });
    await check();
    expect((await read(id)).reason).toBe('no_matching_runner');
  });
});
