import { applyDecorators, createParamDecorator, SetMetadata } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse } from '@nestjs/swagger';
import type { Permission } from '@dibs/shared';
import type { Caller } from './caller.js';
import type { GrantPlace } from './grants/raised-caller.js';

/** Every route carries exactly one of these; a route without is refused by the guard. */
export type RouteAccess =
  { readonly kind: 'public' } | { readonly kind: 'signedIn' } | { readonly kind: 'runner' } | RequiredPermission;
export interface RequiredPermission {
  readonly kind: 'permission';
  readonly permission: Permission;
  /** What the `id` in the path is of: grants there count too. */
  readonly place?: GrantPlace;
}

export const ROUTE_ACCESS = 'dibs:route-access';

export function RequirePermission(permission: Permission): MethodDecorator & ClassDecorator {
  return requirePermission({ kind: 'permission', permission });
}

/** In the organization, or at the place whose `id` is in the path. There the `Caller` has all that grants give it. */
export function RequirePermissionAt(place: GrantPlace, permission: Permission): MethodDecorator & ClassDecorator {
  return requirePermission({ kind: 'permission', permission, place });
}

function requirePermission(access: RequiredPermission): MethodDecorator & ClassDecorator {
  const { permission } = access;
  return applyDecorators(
    SetMetadata(ROUTE_ACCESS, access satisfies RouteAccess),
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

/** Runners alone, with the access token of their service principal. */
export function RunnersOnly(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ROUTE_ACCESS, { kind: 'runner' } satisfies RouteAccess),
    ApiBearerAuth(),
    ApiResponse({ status: 401, description: 'No valid credentials' }),
    ApiResponse({ status: 403, description: 'Not the access token of a runner, or the runner is disabled' }),
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
