import { Module } from '@nestjs/common';
import { Resealer } from './resealer.js';
import { ResealingRepository } from './resealing.repository.js';

/** Rotation of the encryption key: what is kept gets from the key before to the present one. */
@Module({ providers: [Resealer, ResealingRepository] })
export class ResealingModule {}
