import { randomBytes } from 'node:crypto';
import { DEFAULT_BASE } from '@guaita/messages';
import type { MqttBusOptions } from '@guaita/bus';
import type { Red, RedNode } from '../red.ts';
import { textOf } from '../words.ts';
import { brokerFault } from './broker-fault.ts';
import { Link } from './link.ts';

/** The dialog of a broker. */
interface BrokerConfig {
  readonly url: string;
  readonly base: string;
  /** The id of a `tls-config` node, one of Node-RED's own. */
  readonly tls?: string;
}

interface TlsNode {
  addTLSOptions(options: object): NonNullable<MqttBusOptions['tls']>;
}

const TYPE = 'guaita-broker';

/** The links of the brokers that are there now, by their nodes. */
const links = new WeakMap<object, Link>();

/** Registers the configuration that all other nodes share: a broker. */
export function registerBroker(RED: Red): void {
  RED.nodes.registerType<BrokerConfig>(
    TYPE,
    function (config) {
      RED.nodes.createNode(this, config);
      const url = textOf(config.url);
      const base = textOf(config.base) || DEFAULT_BASE;
      const fault = brokerFault({ url, base });
      if (fault !== undefined) {
        this.error(fault);
        return;
      }
      const { username = '', password = '' } = this.credentials ?? {};
      const tls = config.tls === undefined ? null : (RED.nodes.getNode(config.tls) as TlsNode | null);
      const link = new Link({
        ...{ url, base, clientId: `node-red-${randomBytes(6).toString('hex')}` },
        ...(username === '' ? {} : { username, password }),
        ...(tls === null ? {} : { tls: tls.addTLSOptions({}) }),
        warn: (text) => this.warn(text),
      });
      links.set(this, link);
      this.on('close', (done) => void link.stop().then(() => done(), done));
    },
    { credentials: { username: { type: 'text' }, password: { type: 'password' } } },
  );
}

/**
 * The link of the broker that a node names, with the node's status following it. `undefined` where there is none: the
 * node's status says so.
 */
export function linkOf(RED: Red, node: RedNode, broker: string): Link | undefined {
  const configuration = RED.nodes.getNode(broker);
  const link = typeof configuration === 'object' && configuration !== null ? links.get(configuration) : undefined;
  if (link === undefined) {
    node.status({ fill: 'red', shape: 'ring', text: 'no usable broker is configured' });
    return undefined;
  }
  const unfollow = link.follow((status) => node.status(status));
  node.on('close', (done) => {
    unfollow();
    done();
  });
  return link;
}

/** Lets a node hear some topics for as long as it is there. A refusal is its error, and its status. */
export function hear(node: RedNode, link: Link, filter: string, handler: Parameters<Link['hear']>[1]): void {
  const hearing = link.hear(filter, handler);
  hearing.granted.catch((error: unknown) => {
    node.error(error instanceof Error ? error.message : String(error));
    node.status({ fill: 'red', shape: 'dot', text: `the broker refuses ${filter}` });
  });
  node.on('close', (done) => void hearing.stop().then(() => done(), done));
}
