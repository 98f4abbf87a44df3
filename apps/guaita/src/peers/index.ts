export { peersSection, type PeerAddress } from './config.ts';
export { connectPeer } from './connect-peer.ts';
export { PeerPush, type PeerPushOptions } from './peer-push.ts';
