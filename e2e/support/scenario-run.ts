import fs from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobDetail, SubmitJobBody } from '@dibs/shared';
import type { Action, Fault, Scenario } from '../scenarios/scenario.js';
import { eventually } from './eventually.js';
import type { Installation, RunningRunner } from './installation.js';

const FINISHED_WITHIN_MS = 90_000;

/** Plays one scenario: starts the runners, submits the job, does the faults at their moments, waits for the end. */
export class ScenarioRun {
  private readonly runners = new Map<string, RunningRunner>();
  private killed: RunningRunner | null = null;
  private draining: RunningRunner | null = null;

  constructor(
    private readonly installation: Installation,
    private readonly scenario: Scenario,
  ) {}

  private get letGoFile(): string {
    return `${this.installation.ledger.file}.go`;
  }

  async play(): Promise<JobDetail> {
    for (const options of this.scenario.runners ?? [{}]) {
      const runner = await this.installation.startRunner(options);
      this.runners.set(runner.instance, runner);
    }
    const { id } = await this.installation.api.submit(this.body());
    for (const fault of this.scenario.faults ?? []) {
      await this.moment(id, fault);
      await this.act(id, fault.then);
    }
    const job = await this.installation.api.finished(id, FINISHED_WITHIN_MS);
    // a runner that drained has nothing left to do
    await this.draining?.process.endsWithin(20_000);
    return job;
  }

  private body(): SubmitJobBody {
    const { work, submit } = this.scenario;
    const onlyStep = this.scenario.expect.reason === 'step_timeout' ? { timeoutSeconds: 1 } : {};
    return {
      name: this.scenario.name.slice(0, 100),
      ...submit,
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
        await this.installation.startRunner({ instance: this.killed!.instance });
        return;
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
