import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';

const NAME = 'repository';

/** A repository that git itself serves over HTTP: https://git-scm.com/docs/git-http-backend */
export class GitServer {
  private constructor(
    private readonly folder: string,
    private readonly server: Server,
  ) {}

  /** @param root an empty folder, or one that does not exist yet */
  static async start(root: string): Promise<GitServer> {
    const folder = path.join(root, NAME);
    execFileSync('git', ['init', '--quiet', '--initial-branch=main', folder]);
    const server = createServer((request, response) => {
      answer(root, request, response).catch((error: Error) => response.destroy(error));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new GitServer(folder, server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${NAME}/.git`;
  }

  /** @returns the id of the new commit on the default branch */
  push(file: string, content: string): string {
    fs.writeFileSync(path.join(this.folder, file), content);
    this.git('add', file);
    this.git('commit', '--quiet', '--message', `change ${file}`);
    return this.git('rev-parse', 'HEAD');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private git(...args: string[]): string {
    const who = ['-c', 'user.name=tester', '-c', 'user.email=tester@example.com'];
    return execFileSync('git', ['-C', this.folder, ...who, ...args], { encoding: 'utf8' }).trim();
  }
}

/** One request, as a CGI program has it (RFC 3875). */
async function answer(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, search } = new URL(request.url!, 'http://localhost');
  const {
    'content-type': type = '',
    'content-encoding': encoding = '',
    'git-protocol': protocol = '',
  } = request.headers;
  const program = spawn('git', ['http-backend'], {
    env: {
      ...{ PATH: process.env.PATH, GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '1', REMOTE_ADDR: '127.0.0.1' },
      ...{ REQUEST_METHOD: request.method, PATH_INFO: pathname, QUERY_STRING: search.slice(1), CONTENT_TYPE: type },
      ...{ HTTP_CONTENT_ENCODING: encoding, HTTP_GIT_PROTOCOL: String(protocol) },
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  request.pipe(program.stdin);
  const output = await buffer(program.stdout);
  const end = output.indexOf('\r\n\r\n');
  const headers = output
    .subarray(0, end)
    .toString()
    .split('\r\n')
    .map((line) => line.split(': ') as [string, string]);
  const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200';
  for (const [name, value] of headers) if (name !== 'Status') response.setHeader(name, value);
  response.writeHead(parseInt(status, 10)).end(output.subarray(end + 4));
}
