import type { IncomingMessage } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server, ServerOptions } from 'socket.io';
import {
  DASHBOARD_SETTINGS,
  HTTP_SETTINGS,
  TIMING_SETTINGS,
  type DashboardSettings,
  type HttpSettings,
  type TimingSettings,
} from '../platform/settings.js';

/**
 * Largest frame that is read at all; above it the connection is cut (1009) and nothing can be answered. Twice the
 * size that runners are told, so that a message a little too large still gets its answer.
 */
const MAX_FRAME_BYTES = 512 * 1024;

const FORBIDDEN = 'HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/** One socket.io server for every namespace: websocket only, origins checked before the upgrade. */
export class SocketAdapter extends IoAdapter {
  private readonly timing: TimingSettings;
  private readonly origins: ReadonlySet<string>;

  constructor(app: INestApplicationContext) {
    super(app);
    this.timing = app.get<TimingSettings>(TIMING_SETTINGS);
    const { publicUrl } = app.get<HttpSettings>(HTTP_SETTINGS);
    const { origins } = app.get<DashboardSettings>(DASHBOARD_SETTINGS);
    this.origins = new Set(publicUrl === null ? origins : [...origins, new URL(publicUrl).origin]);
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const ours: Partial<ServerOptions> = {
      path: '/socket.io',
      serveClient: false,
      transports: ['websocket'],
      // compressing small frames costs more than sending them
      perMessageDeflate: false,
      maxHttpBufferSize: MAX_FRAME_BYTES,
      pingInterval: this.timing.pingIntervalMs,
      pingTimeout: this.timing.pingTimeoutMs,
      connectTimeout: this.timing.pingTimeoutMs,
      allowRequest: (request: IncomingMessage, answer: (message: string | null, allowed: boolean) => void) => {
        if (this.isAllowed(request)) return answer(null, true);
        refuse(request, answer);
      },
    };
    return super.createIOServer(port, { ...options, ...ours } as ServerOptions);
  }

  /** Programs send no Origin; browsers always do. `cors` would not help: it does not guard the websocket transport. */
  private isAllowed({ headers }: IncomingMessage): boolean {
    const { origin, host } = headers;
    if (origin === undefined) return true;
    return this.origins.has(origin) || origin === `http://${host}` || origin === `https://${host}`;
  }
}

/** engine.io answers every refused upgrade with 400, so the 403 is written here and its callback left alone. */
function refuse(request: IncomingMessage, answer: (message: string | null, allowed: boolean) => void): void {
  if (request.headers.upgrade === undefined) return answer('This origin is not allowed.', false);
  request.socket.end(FORBIDDEN);
}
