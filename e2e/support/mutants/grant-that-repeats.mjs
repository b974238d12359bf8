/** Bug: what a standing claim was granted is sent again at each renewal, named or not. */
import { HeldCheck } from '../../../server/dist/dispatch/held-check.js';
import { replaceMethod } from './change.mjs';

replaceMethod(
  HeldCheck,
  'renewed',
  (renewed) =>
    function (instance, renew, current, askedAt) {
      renewed.call(this, instance, renew, current, askedAt);
      if (instance.identity.standing && current.length > 0) void this.regrant(instance, current);
    },
);
