import type { FastifyReply, FastifyRequest } from 'fastify';
import { Inject, Injectable } from '@nestjs/common';
import { forbidden } from '../../platform/errors.js';
import { DASHBOARD_SETTINGS, HTTP_SETTINGS } from '../../platform/settings.js';
import type { DashboardSettings, HttpSettings } from '../../platform/settings.js';

export const SESSION_COOKIE = 'dibs_session';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The dashboard's cookie, and the second look at the Origin that requests by cookie need (SameSite is the first). */
@Injectable()
export class SessionCookie {
  private readonly origins: ReadonlySet<string>;

  constructor(
    @Inject(HTTP_SETTINGS) private readonly http: HttpSettings,
    @Inject(DASHBOARD_SETTINGS) dashboard: DashboardSettings,
  ) {
    this.origins = new Set([...dashboard.origins, ...(http.publicUrl === null ? [] : [http.publicUrl])]);
  }

  read(request: FastifyRequest): string | null {
    return request.cookies[SESSION_COOKIE] ?? null;
  }

  set(request: FastifyRequest, reply: FastifyReply, token: string, expiresAt: Date): void {
    void reply.setCookie(SESSION_COOKIE, token, { ...this.attributes(request), expires: expiresAt });
  }

  clear(request: FastifyRequest, reply: FastifyReply): void {
    void reply.clearCookie(SESSION_COOKIE, this.attributes(request));
  }

  /**
   * A browser sends an Origin with every request that changes something; what has none, and no Sec-Fetch-Site either,
   * is a program, which no other site's page can make use somebody's cookie.
   * @throws AppError 403 when another site's page made the request
   */
  demandOwnOrigin(request: FastifyRequest): void {
    if (SAFE_METHODS.has(request.method)) return;
    const { origin, host, 'sec-fetch-site': site } = request.headers;
    if (origin === undefined && (site === undefined || site === 'same-origin')) return;
    if (origin !== undefined && (this.origins.has(origin) || hostOf(origin) === host)) return;
    throw forbidden(
      "The Origin of this request is not the dashboard's; DASHBOARD_ORIGIN names those that are allowed.",
    );
  }

  private attributes(request: FastifyRequest) {
    const secure = (this.http.publicUrl ?? request.headers.origin ?? '').startsWith('https:');
    return { path: '/', httpOnly: true, sameSite: 'strict', secure } as const;
  }
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
