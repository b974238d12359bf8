/** Bug: a runner whose socket closes loses its attempts at once, as if its lease had run out. */
import { SessionService } from '../../../server/dist/runner-gateway/session.service.js';
import { replaceMethod, unlessAway } from './change.mjs';

const EXPIRE = {
  name: 'mutant.expire',
  text: `UPDATE jobs SET lease_expires_at = clock_timestamp() WHERE instance_id = $1 AND stage = 'held'`,
};

replaceMethod(
  SessionService,
  'close',
  (close) =>
    async function (instance, reason) {
      await close.call(this, instance, reason);
      await this.repository.database.query(EXPIRE, [instance.identity.instanceId]).catch(unlessAway);
      await this.sweeper.sweep().catch(() => undefined);
    },
);
