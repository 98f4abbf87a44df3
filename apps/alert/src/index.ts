export { type Quorum } from './verdict/quorum.ts';
