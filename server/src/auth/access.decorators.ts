import { applyDecorators, createParamDecorator, SetMetadata } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse } from '@nestjs/swagger';
import type { Permission } from '@dibs/shared';
import type { Caller } from './caller.js';

/** Every route carries exactly one of these; a route without is refused by the guard. */
export type RouteAccess = { readonly kind: 'public' } | { readonly kind: 'signedIn' } | RequiredPermission;
interface RequiredPermission {
  readonly kind: 'permission';
  readonly permission: Permission;
}

export const ROUTE_ACCESS = 'dibs:route-access';

export function RequirePermission(permission: Permission): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ROUTE_ACCESS, { kind: 'permission', permission } satisfies RouteAccess),
    ApiBearerAuth(),
    ApiResponse({ status: 401, description: 'No valid credentials' }),
    ApiResponse({ status: 403, description: `The caller's role does not include ${permission}` }),
  );
}

/** Whoever is signed in, whatever the role. */
export function SignedIn(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ROUTE_ACCESS, { kind: 'signedIn' } satisfies RouteAccess),
    ApiBearerAuth(),
    ApiResponse({ status: 401, description: 'No valid credentials' }),
  );
}

export function Public(): MethodDecorator & ClassDecorator {
  return SetMetadata(ROUTE_ACCESS, { kind: 'public' } satisfies RouteAccess);
}

/** The `Caller` of this request. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<{ caller?: Caller }>();
  if (caller === undefined) throw new Error('CurrentCaller is used on a public route.');
  return caller;
});
