import { Module } from '@nestjs/common';
import { AssignmentController } from './assignment.controller.js';
import { AssignmentRepository } from './assignment.repository.js';
import { AssignmentService } from './assignment.service.js';
import { ConnectionController } from './connection.controller.js';
import { ConnectionRepository } from './connection.repository.js';
import { ConnectionService } from './connection.service.js';
import { InstanceRetention } from './instance-retention.js';
import { RegistrationService } from './registration.service.js';
import { RunnerController } from './runner.controller.js';
import { RunnerRegistrar } from './runner.registrar.js';
import { RunnerRepository } from './runner.repository.js';
import { RunnerService } from './runner.service.js';

@Module({
  controllers: [RunnerController, ConnectionController, AssignmentController],
  providers: [
    RunnerRepository,
    RunnerRegistrar,
    RunnerService,
    RegistrationService,
    AssignmentRepository,
    AssignmentService,
    ConnectionRepository,
    ConnectionService,
    InstanceRetention,
  ],
  exports: [AssignmentRepository],
})
export class RunnersModule {}
