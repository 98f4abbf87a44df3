export * from './deployment.ts';
export * from './host.ts';
export * from './images.ts';
export * from './lab.ts';
export * from './network.ts';
export * from './outsider.ts';
