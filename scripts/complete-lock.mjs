/**
 * Adds to package-lock.json the optional platform packages that the registry at hand did not show while the lock was
 * written (a filtered mirror may hold one platform only). Without them `npm ci` refuses the lock: "Missing … from
 * lock file". Where they exist npm picks its own platform's; where not, it leaves them out, for they are optional.
 *
 * Run it after every install that changed the lock.
 */
import fs from 'node:fs';

const OPERATING_SYSTEMS = { macos: 'darwin', windows: 'win32' };
const KNOWN_SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const KNOWN_PROCESSORS = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 's390x', 'riscv64', 'loong64', 'wasm32'];

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(fs.readFileSync(file, 'utf8'));
const missing = Object.entries(lock.packages).flatMap(([at, entry]) => missingOf(at, entry));
for (const { name, version, dev } of missing) {
  lock.packages[`node_modules/${name}`] ??= { version, ...(dev ? { dev } : {}), optional: true, ...platformOf(name) };
}
if (missing.length > 0) {
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
  lock.packages = Object.fromEntries(sorted);
  fs.writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
console.log(`package-lock.json: ${missing.length} optional packages added`);

function missingOf(at, entry) {
  return Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !isLocked(at, name))
    .map(([name, range]) => ({ name, version: range.replace(/^[~^]/, ''), dev: entry.dev }))
    .filter(({ version }) => /^\d+\.\d+\.\d+/.test(version));
}

/** As Node resolves: in the package's own node_modules or in one above it. */
function isLocked(at, name) {
  if (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`]) return true;
  if (at === '') return false;
  const cut = at.lastIndexOf('/node_modules/');
  return isLocked(cut < 0 ? '' : at.slice(0, cut), name);
}

/** Read from the name, as in @swc/core-linux-x64-musl. */
function platformOf(name) {
  const words = name.split('/').pop().split('-');
  const system = words.map((word) => OPERATING_SYSTEMS[word] ?? word).find((word) => KNOWN_SYSTEMS.includes(word));
  const processor =
    words.find((word) => KNOWN_PROCESSORS.includes(word)) ??
    (words.some((word) => /^arm/.test(word)) ? 'arm' : undefined);
  return {
    ...(system ? { os: [system] } : {}),
    ...(processor ? { cpu: [processor] } : {}),
    ...(words.includes('musl') ? { libc: ['musl'] } : {}),
  };
}
