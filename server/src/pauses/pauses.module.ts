import { Module } from '@nestjs/common';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { MaintenanceController } from './maintenance.controller.js';
import { MaintenanceService } from './maintenance.service.js';
import { PauseController } from './pause.controller.js';
import { PauseRepository } from './pause.repository.js';
import { PauseService } from './pause.service.js';
import { PauseWatch } from './pause-watch.js';

/** Holding runners, lanes, organizations and the whole server back. What holds is asked in dispatch/pause-book.ts. */
@Module({
  imports: [DispatchModule],
  controllers: [PauseController, MaintenanceController],
  providers: [PauseRepository, PauseWatch, PauseService, MaintenanceService],
})
export class PausesModule {}
