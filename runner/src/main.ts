import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { pino } from 'pino';
import { prepareProcesses } from './executors/prepare-processes.js';
import { shellExecutor } from './executors/shell.executor.js';
import { Lifetime } from './lifetime.js';
import { closeCgroupRoot, openCgroupRoot } from './process/cgroup.js';
import { scrubEnvironment } from './process/scrub-environment.js';
import { findTools } from './process/tools.js';
import { Watchdog } from './process/watchdog.js';
import { attemptPaths } from './run/attempt-paths.js';
import { Runner } from './runner.js';
import { loadSettings, secretVariables } from './settings/load-settings.js';
import { SettingsError } from './settings/settings-error.js';
import type { RunnerSettings } from './settings/settings.js';
import { openWorkDir, type WorkDir } from './storage/work-dir.js';
import { lockWorkDir, WorkDirInUseError } from './storage/work-dir-lock.js';

// Lines are garbage as soon as they are acknowledged. V8 would let the heap double before it looks at those it took for old ones.
setFlagsFromString('--heap-growing-percent=25');
const settings = orExit(() => loadSettings(process.env, process.cwd()));
const { workDir, unlock } = orExit(() => takeWorkDir(settings));
const log = pino({ level: settings.logLevel, base: { instance: settings.link.instance } });
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => {
    // the journal knows what was running: the next start ends and reports it
    log.fatal({ err: error }, event);
    process.exit(1);
  });
}
process.exitCode = await run(settings, workDir);
unlock();
// an open ipc channel would keep the process alive
process.exit();

async function run(settings: RunnerSettings, workDir: WorkDir): Promise<number> {
  const lifetime = new Lifetime(log);
  const stillVisible = scrubEnvironment(secretVariables());
  if (stillVisible.length > 0) log.warn({ stillVisible }, 'jobs of the same user can read these variables');
  const hostEnv = { ...process.env };
  const { capacity, workspace, timeScale } = settings;
  const [cgroupRoot, tools] = await Promise.all([
    openCgroupRoot(settings.link.instance),
    findTools(capacity.extraTools, workspace.additionalBinaryPaths),
  ]);
  const prepared = prepareProcesses({ settings, owner: workDir.id, cgroupRoot, hostEnv, log });
  const paths = attemptPaths(workDir.prepared, capacity.slots, log);
  const placeScript = (path: string, text: string): boolean => paths.place('script', path, text);
  const pipeGraceMs = 2000 * timeScale;
  const executors = [shellExecutor({ cgroupRoot, searchPath: hostEnv.PATH, pipeGraceMs, prepared, placeScript })];
  const version = readVersion();
  const watchdog = new Watchdog({ cgroupRoot, everyMs: Math.max(20, 500 * timeScale), log });
  const basics = { settings, workDir, cgroupRoot, hostEnv, tools, version, log };
  const runner = new Runner({ ...basics, paths, executors, watchdog });
  await runner.start();
  paths.open();
  void prepared.open();
  // long enough for the end of the logs and the answers to the results
  const exitCode = await lifetime.serve(runner, settings.drainTimeoutMs, Math.max(3000, 15_000 * timeScale));
  await Promise.all([watchdog.close(), prepared.close(), paths.close()]);
  await closeCgroupRoot(cgroupRoot);
  return exitCode;
}

function takeWorkDir(settings: RunnerSettings): { workDir: WorkDir; unlock: () => void } {
  try {
    const workDir = openWorkDir(settings.workDir);
    return { workDir, unlock: lockWorkDir(workDir.lock) };
  } catch (cause) {
    const why = cause instanceof WorkDirInUseError ? cause.message : (cause as NodeJS.ErrnoException).code;
    throw new SettingsError(`RUNNER_WORK_DIR must be a writable folder of its own: ${settings.workDir}: ${why}`, {
      cause,
    });
  }
}

/** A bad setting is the operator's to fix: one line, no stack. */
function orExit<Value>(attempt: () => Value): Value {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`dibs-runner: ${error.message}\n`);
    process.exit(1);
  }
}

function readVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
