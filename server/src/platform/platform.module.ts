import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { EncryptionKey } from './encryption-key.js';
import { SealedPieces } from './sealed-pieces.js';
import { SecretBox } from './secret-box.js';
import {
  BOOTSTRAP_SETTINGS,
  DASHBOARD_SETTINGS,
  DATABASE_SETTINGS,
  HTTP_SETTINGS,
  LOGGING_SETTINGS,
  LOG_SETTINGS,
  RETENTION_SETTINGS,
  TIMING_SETTINGS,
} from './settings.js';
import type { Settings } from './settings.js';

/** Settings and the tools that every part may use. */
@Global()
@Module({})
export class PlatformModule {
  static forRoot(settings: Settings, encryptionKey: EncryptionKey): DynamicModule {
    const values = [
      { provide: HTTP_SETTINGS, useValue: settings.http },
      { provide: DATABASE_SETTINGS, useValue: settings.database },
      { provide: DASHBOARD_SETTINGS, useValue: settings.dashboard },
      { provide: BOOTSTRAP_SETTINGS, useValue: settings.bootstrap },
      { provide: TIMING_SETTINGS, useValue: settings.timing },
      { provide: LOGGING_SETTINGS, useValue: settings.logging },
      { provide: LOG_SETTINGS, useValue: settings.logs },
      { provide: RETENTION_SETTINGS, useValue: settings.retention },
      { provide: EncryptionKey, useValue: encryptionKey },
    ];
    return {
      module: PlatformModule,
      providers: [...values, SealedPieces, SecretBox],
      exports: [...values, SealedPieces, SecretBox],
    };
  }
}
