export * from './bridged-mosquittos.ts';
export * from './mosquitto.ts';
export * from './namespace.ts';
export * from './ports.ts';
export * from './snmpd.ts';
export * from './snmpsim.ts';
export * from './tcp-proxy.ts';
export * from './udp-port.ts';
