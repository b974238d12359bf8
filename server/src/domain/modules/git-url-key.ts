/** `user@host:path`, as git takes it. */
const SCP_FORM = /^(?:[^@/]+@)?(\[[^\]]+\]|[^:/[\]]+):(?!\/\/)(.+)$/;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80', 'ssh:': '22' };

/**
 * The repository that a url means, in one spelling: host and path, without how it is reached and by whom, so that what a
 * hosting service tells (https) finds modules that use another form (ssh). Paths keep their case, since most hosts tell them apart.
 */
export function gitUrlKey(url: string): string {
  const scp = url.includes('://') ? null : SCP_FORM.exec(url);
  if (scp !== null) return keyOf(scp[1]!, '', scp[2]!);
  if (!URL.canParse(url)) return url;
  const { protocol, hostname, port, pathname } = new URL(url);
  return keyOf(hostname, port === DEFAULT_PORTS[protocol] ? '' : port, pathname);
}

function keyOf(host: string, port: string, path: string): string {
  const plain = path
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  return `${host.toLowerCase()}${port === '' ? '' : `:${port}`}/${plain}`;
}
