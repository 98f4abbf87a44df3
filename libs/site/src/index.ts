export * from './host.ts';
export { mosquittoAcl } from './mosquitto/acl.ts';
export { mosquittoBridge, type Bridge } from './mosquitto/bridge.ts';
export { mosquittoConf, type MosquittoFiles } from './mosquitto/conf.ts';
export * from './mosquitto/host-secrets.ts';
export * from './mosquitto/users.ts';
export * from './read-site.ts';
export * from './site.ts';
