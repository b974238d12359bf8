import { Module } from '@nestjs/common';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { LogsModule } from '../logs/logs.module.js';
import { RunnersModule } from '../runners/runners.module.js';
import { HandshakeService } from './handshake.service.js';
import { HelloService } from './hello.service.js';
import { ReplacedSessions } from './replaced-sessions.js';
import { RequestAnswerer } from './request-answerer.js';
import { RunnerChanges } from './runner-changes.js';
import { RunnerGateway } from './runner.gateway.js';
import { RunnerRequests } from './runner-requests.js';
import { SessionRepository } from './session.repository.js';
import { SessionService } from './session.service.js';
import { SilenceSweeper } from './silence-sweeper.js';

/** The runner link: sockets, handshakes, sessions, and who answers which request. */
@Module({
  imports: [DispatchModule, LogsModule, RunnersModule],
  providers: [
    HandshakeService,
    HelloService,
    ReplacedSessions,
    RequestAnswerer,
    RunnerChanges,
    RunnerGateway,
    RunnerRequests,
    SessionRepository,
    SessionService,
    SilenceSweeper,
  ],
})
export class RunnerGatewayModule {}
