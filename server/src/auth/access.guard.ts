import { Injectable, Logger } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { forbidden } from '../platform/errors.js';
import { ROUTE_ACCESS } from './access.decorators.js';
import type { RequiredPermission, RouteAccess } from './access.decorators.js';
import { Authenticator } from './authenticator.js';
import type { Caller } from './caller.js';
import { RaisedCaller } from './grants/raised-caller.js';
import type { RunnerIdentity } from './principal.service.js';
import { RunnerAuthenticator } from './runner-authenticator.js';

/** Stands before every route. A route that does not say who may use it may be used by nobody. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly logger = new Logger(AccessGuard.name);

  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly runners: RunnerAuthenticator,
    private readonly raised: RaisedCaller,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // sockets are authenticated in their handshake
    if (context.getType() !== 'http') return true;
    const handlers = [context.getHandler(), context.getClass()];
    const access = this.reflector.getAllAndOverride<RouteAccess | undefined>(ROUTE_ACCESS, handlers);
    if (access?.kind === 'public') return true;

    const request = context.switchToHttp().getRequest<FastifyRequest & { caller?: Caller; runner?: RunnerIdentity }>();
    if (access?.kind === 'runner') {
      request.runner = await this.runners.authenticate(request);
      return true;
    }
    const caller = await this.authenticator.authenticate(request);
    request.caller = caller;
    if (access === undefined) {
      this.logger.error({ route: request.routeOptions.url }, 'a route names no permission; it is refused');
      throw forbidden('Nobody may use this route.');
    }
    if (access.kind === 'permission') request.caller = await this.permitted(caller, access, request);
    return true;
  }

  /** Grants are asked about only where the role in the organization is not enough. */
  private async permitted(caller: Caller, access: RequiredPermission, { params }: FastifyRequest): Promise<Caller> {
    const { permission, place } = access;
    if (caller.permissions.includes(permission)) return caller;
    const { id } = params as { readonly id?: string };
    const raised = place === undefined ? caller : await this.raised.at(caller, place, id);
    if (raised.permissions.includes(permission)) return raised;
    throw forbidden(`The role ${raised.role} does not include ${permission}.`);
  }
}
