export * from './browser.ts';
export * from './built-page.ts';
export { demoHistory, noHistory } from './demo-history.ts';
export { DemoNetwork } from './demo-network.ts';
export * from './demo-site.ts';
export { Heap } from './heap.ts';
export { KeptSite, type KeptProbe } from './kept-site.ts';
export * from './page-server.ts';
