import { Module } from '@nestjs/common';
import { LogsModule } from '../logs/logs.module.js';
import { LiveAudience } from './live-audience.js';
import { LiveGateway } from './live.gateway.js';
import { LiveTicketController } from './live-ticket.controller.js';
import { RevocationWatch } from './revocation-watch.js';

@Module({
  imports: [LogsModule],
  controllers: [LiveTicketController],
  providers: [LiveGateway, LiveAudience, RevocationWatch],
})
export class LiveModule {}
