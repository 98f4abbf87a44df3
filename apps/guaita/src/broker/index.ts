export * from './embedded-broker.ts';
export { isLoopback, isWildcard } from './loopback.ts';
export { hashPassword } from './passwords.ts';
export type { BrokerUser } from './users.ts';
