const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** npm repeats a Ctrl-C that the terminal has delivered already. */
const SAME_REQUEST_MS = 500;
const PARENT_CHECK_MS = 300;

/**
 * Calls back when we are asked to stop: `request` 1 for the first time, 2 for the second, and so on.
 *
 * npm passes a signal to its `sh -c` only, and sh may die without passing it on. So a parent that is gone counts as
 * a request too.
 */
export function onStopRequest(listener) {
  let requests = 0;
  let lastAt = -Infinity;
  const ask = (reason) => {
    const now = performance.now();
    if (now - lastAt < SAME_REQUEST_MS) return;
    lastAt = now;
    requests += 1;
    listener({ request: requests, reason });
  };
  for (const signal of SIGNALS) process.on(signal, () => ask(signal));

  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    ask('parent gone');
  }, PARENT_CHECK_MS);
  watch.unref();
}
