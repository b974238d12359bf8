import http from 'node:http';
import { say, setting } from '../support/worker-process.js';

/**
 * A process of readers as `curl -N …/logs?follow=true` is one, each of one of the jobs in turn, with a connection of its
 * own. It says how many lines each has read when all logs have come to their ends.
 */
const url = setting('BENCH_URL');
const token = setting('BENCH_TOKEN');
const jobIds = setting('BENCH_JOB_IDS').split(',');
const followers = Number(setting('BENCH_FOLLOWERS'));

const open = await Promise.all(Array.from({ length: followers }, (_, index) => follow(jobIds[index % jobIds.length]!)));
say({ msg: 'following' });
const lines = await Promise.all(open.map(({ read }) => read));
say({ msg: 'followed', lines });
process.disconnect();

/** Resolves with the answer's head. `read`: the number of its lines, at its end. */
function follow(jobId: string): Promise<{ readonly read: Promise<number> }> {
  return new Promise((resolve, reject) => {
    const options = { agent: false as const, headers: { authorization: `Bearer ${token}` } };
    const request = http.get(
      `${url}/api/v1/jobs/${jobId}/logs?follow=true&format=text&after=0`,
      options,
      (response) => {
        if (response.statusCode !== 200) return reject(new Error(`${jobId}: ${response.statusCode}`));
        let count = 0;
        response.on('data', (part: Buffer) => {
          for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) count += 1;
        });
        const read = new Promise<number>((told, failed) => {
          response.on('end', () => told(count));
          response.on('error', failed);
        });
        resolve({ read });
      },
    );
    request.on('error', reject);
  });
}
