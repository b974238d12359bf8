/** Bug: another process of the same name is let in, and the session before is believed once more. */
import { LeaseRepository } from '../../../server/dist/dispatch/lease.repository.js';
import { HelloService } from '../../../server/dist/runner-gateway/hello.service.js';
import { replaceMethod } from './change.mjs';

// for longer, and whoever lost its session by a fault would never come back
const believed = new Set();

replaceMethod(HelloService, 'refuseTakeover', () => () => undefined);
replaceMethod(
  LeaseRepository,
  'renew',
  (renew) =>
    async function (requests, ...rest) {
      const results = await renew.call(this, requests, ...rest);
      return results.map((result, index) => {
        const { sessionId } = requests[index];
        if (result.live || believed.has(sessionId)) return result;
        believed.add(sessionId);
        return { ...result, live: true };
      });
    },
);
