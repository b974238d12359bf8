/** Bug of the runner: it sends what was answered once more, as if the answer had not come. */
import { Link } from '../../../runner/dist/connection/link.js';
import { replaceMethod } from './change.mjs';

replaceMethod(
  Link,
  'request',
  (request) =>
    async function (event, ...rest) {
      const reply = await request.call(this, event, ...rest);
      return event === 'step:finished' ? request.call(this, event, ...rest) : reply;
    },
);
