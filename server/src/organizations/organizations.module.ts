import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/admission.module.js';
import { OrganizationController } from './organization.controller.js';
import { OrganizationService } from './organization.service.js';

@Module({
  imports: [AdmissionModule],
  controllers: [OrganizationController],
  providers: [OrganizationService],
})
export class OrganizationsModule {}
