import { Module } from '@nestjs/common';
import { AssignmentController } from './assignment.controller.js';
import { AssignmentRepository } from './assignment.repository.js';
import { AssignmentService } from './assignment.service.js';
import { InstanceRetention } from './instance-retention.js';
import { RegistrationService } from './registration.service.js';
import { RunnerController } from './runner.controller.js';
import { RunnerRegistrar } from './runner.registrar.js';
import { RunnerRepository } from './runner.repository.js';
import { RunnerService } from './runner.service.js';

@Module({
  controllers: [RunnerController, AssignmentController],
  providers: [
    RunnerRepository,
    RunnerRegistrar,
    RunnerService,
    RegistrationService,
    AssignmentRepository,
    AssignmentService,
    InstanceRetention,
  ],
  exports: [AssignmentRepository],
})
export class RunnersModule {}
