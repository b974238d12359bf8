import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

/** The port this cluster had before when it is free, else any free one. */
export async function choosePort(folder: string): Promise<number> {
  const remembered = rememberedPort(folder);
  if (remembered !== null && (await listenable(remembered)) !== null) return remembered;
  const free = await listenable(0);
  if (free === null) throw new Error('no TCP port is free on 127.0.0.1');
  return free;
}

/** So that a connection string someone noted stays right. */
export function rememberPort(folder: string, port: number): void {
  fs.writeFileSync(path.join(folder, 'port'), `${port}\n`);
}

function rememberedPort(folder: string): number | null {
  try {
    const port = Number(fs.readFileSync(path.join(folder, 'port'), 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
  } catch {
    return null;
  }
}

/** @returns the port that could be listened on a moment ago, null when it is taken */
function listenable(wanted: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(null));
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
