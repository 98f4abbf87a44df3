export * from './bus-factory.ts';
export * from './clock.ts';
export * from './commands/command-error.ts';
export * from './commands/commands.ts';
export { connectBus, readAuthority } from './connect-bus.ts';
export * from './config/common.ts';
export * from './config/describe.ts';
export * from './config/load.ts';
export * from './config/parse.ts';
export * from './disk/durable-file.ts';
export * from './disk/kept-file.ts';
export * from './duration.ts';
export {
  ConfigError,
  nearest,
  originText,
  pathText,
  problemText,
  secret,
  type Origin,
  type Path,
  type Problem,
} from '@guaita/settings';
export * from './health-board.ts';
export * from './health.ts';
export { CertificateError, readCertificate } from './http/certificate.ts';
export * from './http/endpoint.ts';
export * from './http/loopback.ts';
export { isByTls } from './http/tls-port.ts';
export type { HttpPart, HttpPlace } from './http/part.ts';
export * from './lock/folder-lock.ts';
export * from './log/logger.ts';
export * from './metrics.ts';
export * from './retained/hear-retained.ts';
export * from './retained/name-memory.ts';
export * from './retained/retained-keeper.ts';
export * from './retained/roll-call.ts';
export { StandingWord } from './retained/standing-word.ts';
export * from './run/flags.ts';
export * from './run/run-service.ts';
export * from './run/start-service.ts';
export * from './run/start-services.ts';
export * from './run/stop.ts';
export * from './run/supervise.ts';
export * from './service.ts';
export * from './version.ts';
