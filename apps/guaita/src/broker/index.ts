export * from './embedded-broker.ts';
export { hashPassword } from './passwords.ts';
export type { BrokerUser } from './users.ts';
