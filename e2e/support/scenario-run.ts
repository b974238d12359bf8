import fs from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobDetail, SubmitJobBody } from '@dibs/shared';
import type { Action, Fault, Scenario } from '../scenarios/scenario.js';
import { eventually } from './eventually.js';
import type { Installation, RunningRunner } from './installation.js';
import type { Stage } from './stage.js';

const FINISHED_WITHIN_MS = 90_000;
let plays = 0;

/**
 * Plays one scenario: starts its runners, submits the job, does the faults at their moments, waits for the end. Its job
 * demands a label that only its runners have: others of the same stage may be there still.
 */
export class ScenarioRun {
  private readonly runners = new Map<string, RunningRunner>();
  private readonly label: string;
  private killed: RunningRunner | null = null;
  private draining: RunningRunner | null = null;
  private readonly installation: Installation;

  constructor(
    private readonly stage: Stage,
    private readonly scenario: Scenario,
  ) {
    this.installation = stage.installation;
    this.label = scenario.runners ? `play-${(plays += 1)}` : 'common';
  }

  private get letGoFile(): string {
    return `${this.installation.ledger.file}.go-${this.label}`;
  }

  async play(): Promise<JobDetail> {
    await this.startRunners();
    const { id } = await this.installation.api.submit(this.body());
    for (const fault of this.scenario.faults ?? []) {
      await this.moment(id, fault);
      await this.act(id, fault.then);
    }
    const job = await this.installation.api.finished(id, FINISHED_WITHIN_MS);
    // a runner that drained has nothing left to do
    await this.draining?.process.endsWithin(60_000);
    if (this.scenario.runners) await Promise.all([...this.runners.values()].map(({ process }) => process.kill()));
    return job;
  }

  private async startRunners(): Promise<void> {
    const { runners } = this.scenario;
    const names = runners?.map((name) => `${name}-of-${this.label}`);
    if (!names) this.stage.common ??= await this.start('common');
    const started = names ? await this.startAll(names) : [this.stage.common!];
    for (const runner of started) this.runners.set(runner.instance, runner);
  }

  /** The first makes the record of them all. */
  private async startAll([first, ...others]: readonly string[]): Promise<RunningRunner[]> {
    return [await this.start(first!), ...(await Promise.all(others.map((name) => this.start(name))))];
  }

  private async restart(instance: string): Promise<void> {
    const runner = await this.start(instance);
    this.runners.set(instance, runner);
    if (!this.scenario.runners) this.stage.common = runner;
  }

  private start(instance: string): Promise<RunningRunner> {
    return this.installation.startRunner({ instance, env: { RUNNER_LABELS: `play=${this.label}` } });
  }

  private body(): SubmitJobBody {
    const { work, submit } = this.scenario;
    const onlyStep = this.scenario.expect.reason === 'step_timeout' ? { timeoutSeconds: 1 } : {};
    return {
      name: this.scenario.name.slice(0, 100),
      ...submit,
      requires: { labels: { play: this.label } },
      steps: work.map(({ untilLetGo, ...plan }) => ({
        run: this.installation.ledger.command(untilLetGo ? { ...plan, untilFile: this.letGoFile } : plan),
        ...onlyStep,
      })),
    };
  }

  private moment(job: string, { printed }: Fault): Promise<unknown> {
    if (printed === undefined) return Promise.resolve();
    return eventually(
      `${printed} lines printed`,
      () => this.installation.ledger.of(job).some((item) => item.printed >= printed) || undefined,
    );
  }

  private async act(job: string, action: Action): Promise<void> {
    const { proxy, api, database } = this.installation;
    switch (action.do) {
      case 'let-go':
        return fs.writeFile(this.letGoFile, '');
      case 'kill-runner-of-job':
        this.killed = this.runnerOf(job);
        return this.killed.process.kill();
      case 'restart-killed-runner':
        return this.restart(this.killed!.instance);
      case 'drain-runner-of-job':
        this.draining = this.runnerOf(job);
        return this.draining.process.signal('SIGTERM');
      case 'kill-server':
        return this.installation.killServer();
      case 'restart-server':
        return this.installation.startServerAgain();
      case 'crash-database':
        return database!.crashAndRestart();
      case 'cancel':
        await api.cancel(job, action.mode);
        return;
      case 'reset-connections':
        return proxy.reset();
      case 'cut-after-bytes':
        return this.cutAfter(action.bytes);
      case 'silence':
        proxy.setMode(action.mode);
        await delay(action.forMs);
        return proxy.setMode('pass');
    }
  }

  private async cutAfter(bytes: number): Promise<void> {
    const { proxy } = this.installation;
    const before = proxy.cuts;
    proxy.cutAfter(bytes);
    await eventually(`cut after ${bytes} bytes`, () => proxy.cuts > before || undefined);
  }

  /** By the ledger: whoever executes it. */
  private runnerOf(job: string): RunningRunner {
    const { instance } = this.installation.ledger.of(job).at(-1)!;
    return this.runners.get(instance)!;
  }
}
