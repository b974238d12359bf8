import { Module } from '@nestjs/common';
import { RegistrationService } from './registration.service.js';
import { RunnerController } from './runner.controller.js';
import { RunnerRegistrar } from './runner.registrar.js';
import { RunnerRepository } from './runner.repository.js';
import { RunnerService } from './runner.service.js';

@Module({
  controllers: [RunnerController],
  providers: [RunnerRepository, RunnerRegistrar, RunnerService, RegistrationService],
})
export class RunnersModule {}
