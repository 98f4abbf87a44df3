export { SerfDouble, type DoubleOptions, type Fault } from './serf-double.ts';
