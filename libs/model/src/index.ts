export * from './address.ts';
export * from './device.ts';
export * from './ids.ts';
export * from './monitor.ts';
export * from './ping.ts';
export * from './snmp.ts';
export * from './time.ts';
