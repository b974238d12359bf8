/** Bug: who is asked to drain loses what it works on. */
import { RunnerRepository } from '../../../server/dist/runners/runner.repository.js';
import { replaceMethod, unlessAway } from './change.mjs';

const TAKE = `UPDATE jobs SET claim_token = 'taken' WHERE instance_id = ANY($1) AND stage = 'held'`;

replaceMethod(
  RunnerRepository,
  'requestDrain',
  (requestDrain) =>
    async function (manager, ...rest) {
      const rows = await requestDrain.call(this, manager, ...rest);
      if (rest.at(-1).wanted) await manager.query(TAKE, [rows.map(({ id }) => id)]).catch(unlessAway);
      return rows;
    },
);
