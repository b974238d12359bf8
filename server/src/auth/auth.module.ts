import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OrganizationEntity } from '../organizations/organization.entity.js';
import { AccessGuard } from './access.guard.js';
import { AccessTokenService } from './access-token.service.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditEventEntity } from './audit/audit-event.entity.js';
import { AuditLog } from './audit/audit-log.js';
import { AuditReader } from './audit/audit-reader.js';
import { Authenticator } from './authenticator.js';
import { BootstrapService } from './bootstrap.service.js';
import { CallerStanding } from './caller-standing.js';
import { ClientAuthenticator } from './connect/client-authenticator.js';
import { ConnectController } from './connect/connect.controller.js';
import { ConnectService } from './connect/connect.service.js';
import { PasswordHasher } from './credentials/password-hasher.js';
import { RaisedCaller } from './grants/raised-caller.js';
import { PrincipalService } from './principal.service.js';
import { ServicePrincipalController } from './principals/service-principal.controller.js';
import { ServicePrincipalEntity } from './principals/service-principal.entity.js';
import { ServicePrincipalService } from './principals/service-principal.service.js';
import { RunnerAuthenticator } from './runner-authenticator.js';
import { MeService } from './sessions/me.service.js';
import { OwnPasswordService } from './sessions/own-password.service.js';
import { SessionController } from './sessions/session.controller.js';
import { SessionCookie } from './sessions/session-cookie.js';
import { SessionService } from './sessions/session.service.js';
import { SigningKey } from './signing-key.js';
import { TicketService } from './ticket.service.js';
import { ApiTokenAuthenticator } from './tokens/api-token.authenticator.js';
import { ApiTokenController } from './tokens/api-token.controller.js';
import { ApiTokenEntity } from './tokens/api-token.entity.js';
import { ApiTokenService } from './tokens/api-token.service.js';
import { UserController } from './users/user.controller.js';
import { UserEntity } from './users/user.entity.js';
import { UserService } from './users/user.service.js';

/** Who somebody is and what they may do. */
@Global()
@Module({
  imports: [
    TypeOrmModule.forFeature([
      OrganizationEntity,
      UserEntity,
      ServicePrincipalEntity,
      ApiTokenEntity,
      AuditEventEntity,
    ]),
  ],
  controllers: [
    ConnectController,
    SessionController,
    UserController,
    ServicePrincipalController,
    ApiTokenController,
    AuditController,
  ],
  providers: [
    BootstrapService,
    SigningKey,
    PasswordHasher,
    AuditLog,
    AuditReader,
    PrincipalService,
    AccessTokenService,
    ClientAuthenticator,
    ConnectService,
    SessionCookie,
    SessionService,
    MeService,
    OwnPasswordService,
    UserService,
    ServicePrincipalService,
    ApiTokenAuthenticator,
    ApiTokenService,
    Authenticator,
    TicketService,
    CallerStanding,
    RaisedCaller,
    RunnerAuthenticator,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [AccessTokenService, PrincipalService, TicketService, CallerStanding, RaisedCaller, AuditLog, SessionCookie],
})
export class AuthModule {}
