/**
 * Plays many random schedules, one after the other: `npm run test:schedules -- --seeds 100 [--from 1] [--shrink 30]`.
 * One that fails is played again, at most `--shrink` times, each time with less in it; 0: it is shown as it is.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    from: { type: 'string', default: '1' },
    shrink: { type: 'string', default: '30' },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => Number(values.from) + index);
const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const { status } = spawnSync(
  process.execPath,
  [...node, '--selectProjects', 'e2e', '--', 'e2e/schedules/schedules.test.ts'],
  { stdio: 'inherit', env: { ...process.env, DIBS_SEED: seeds.join(','), DIBS_SHRINK: values.shrink } },
);
process.exitCode = status ?? 1;
