import { Module } from '@nestjs/common';
import { JobViewController } from './job-view.controller.js';
import { JobViewRepository } from './job-view.repository.js';
import { JobViewService } from './job-view.service.js';

@Module({ controllers: [JobViewController], providers: [JobViewRepository, JobViewService] })
export class JobViewsModule {}
