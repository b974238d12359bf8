import { Module } from '@nestjs/common';
import { ScopeService } from './scope.service.js';

/** The hierarchy that jobs deploy to: stacks, their namespaces, and modules in those. */
@Module({
  providers: [ScopeService],
  exports: [ScopeService],
})
export class StacksModule {}
