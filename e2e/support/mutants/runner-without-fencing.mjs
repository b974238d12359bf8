/** Bug of the runner: it never stops trusting a lease that it cannot renew. */
import { TrustWindow } from '../../../runner/dist/run/trust-window.js';

const FAR_MS = 1_000_000;

if (!Object.getOwnPropertyDescriptor(TrustWindow.prototype, 'endsAtMs')?.get) {
  console.error('mutant: TrustWindow.endsAtMs is no getter any more');
  process.exit(70);
}
Object.defineProperty(TrustWindow.prototype, 'endsAtMs', { get: () => performance.now() + FAR_MS });
