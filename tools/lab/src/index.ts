export * from './mosquitto.ts';
export * from './namespace.ts';
export * from './ports.ts';
export * from './tcp-proxy.ts';
