import { bold, dim, duration, green, red } from './terminal.mjs';

/** Real work that every checkout can do: the tests of the pure code, one file after the other. */
export function sampleJob(checkout) {
  const jest = `"${process.execPath}" --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js`;
  return {
    name: 'sample: tests of shared and domain',
    steps: [
      { name: 'versions', run: `"${process.execPath}" --version && uname -sr` },
      {
        name: 'test',
        run: `cd "${checkout}" && ${jest} --selectProjects unit --runInBand --colors shared/src server/src/domain`,
      },
    ],
    env: { FORCE_COLOR: '1' },
    runner: 'local',
    timeoutSeconds: 600,
  };
}

/** Runs it with its log on the terminal, line by line as the runner ships it. */
export async function runSampleJob(client, job) {
  const { id } = await client.post('/api/v1/jobs', job);
  console.log(`\n${bold('A sample job runs on the local runner')} ${dim(id)}`);
  for await (const line of client.lines(`/api/v1/jobs/${id}/logs?format=text&follow=true`)) {
    console.log(`${dim('│')} ${line}`);
  }
  const { state, startedAt, finishedAt, reasonText } = await client.get(`/api/v1/jobs/${id}`);
  const took = duration(Date.parse(finishedAt) - Date.parse(startedAt));
  console.log(state === 'succeeded' ? green(`└ succeeded in ${took}`) : red(`└ ${state}: ${reasonText}`));
}
