import 'reflect-metadata';
import { Body, Controller, HttpCode, Module, Post, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { say, setting } from '../support/worker-process.js';
import { PeerSet } from './peer-set.js';
import { type PeerName, PEERS } from './peers.js';

/**
 * A process that puts in front of a peer what Dibs' server has in front of its queue: Nest on Fastify, a validated
 * body, one answer when the job is stored. Without sign-in, logging and idempotency, which Dibs does as well.
 */
class StepDto {
  @IsString()
  @Length(1, 100)
  name!: string;

  @IsString()
  @Length(1, 10_000)
  run!: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(86_400)
  timeoutSeconds?: number;
}

class JobDto {
  @IsString()
  @Length(1, 200)
  name!: string;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(100)
  priority?: number;

  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => StepDto)
  steps!: StepDto[];

  @IsOptional()
  @IsObject()
  env?: Record<string, string>;

  @IsOptional()
  @IsString()
  mark?: string;
}

const peer = await PEERS[setting('BENCH_PEER') as PeerName](PeerSet.find());
const producer = await peer.produce({
  databaseUrl: setting('BENCH_PEER_DATABASE_URL'),
  redisPort: Number(setting('BENCH_PEER_REDIS_PORT')),
});

@Controller('jobs')
class JobController {
  @Post()
  @HttpCode(201)
  async submit(@Body() body: JobDto): Promise<{ state: string }> {
    await producer.add({ ...body });
    return { state: 'queued' };
  }
}

@Module({ controllers: [JobController] })
class FrontModule {}

const app = await NestFactory.create<NestFastifyApplication>(FrontModule, new FastifyAdapter(), { logger: false });
app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }));
await app.listen(0, '127.0.0.1');
say({ msg: 'listening', url: await app.getUrl() });
