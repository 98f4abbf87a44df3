import { linkOf } from '../broker/broker-node.ts';
import { Requests } from '../command/requests.ts';
import type { Red } from '../red.ts';
import { textOf } from '../words.ts';
import { historyQuery } from './history-query.ts';

/** The dialog of a history node. Node-RED keeps numbers as text where a person typed them. */
interface HistoryNodeConfig {
  readonly broker: string;
  readonly device: string;
  readonly kind: string;
  readonly hours: number | string;
  readonly timeout: number | string;
}

/** Registers *guaita history*, which asks the storage service for what was seen of a device. */
export function registerHistory(RED: Red): void {
  RED.nodes.registerType<HistoryNodeConfig>('guaita-history', function (config) {
    RED.nodes.createNode(this, config);
    const link = linkOf(RED, this, config.broker);
    if (link === undefined) return;
    const requests = new Requests(link);
    this.on('close', (done) => void requests.stop().then(() => done(), done));
    const asked = { device: textOf(config.device), kind: config.kind, hours: Number(config.hours) };
    this.on('input', (message, send, done) => {
      const ask = async (): Promise<void> => {
        const query = historyQuery(message['payload'], asked, Date.now());
        const reply = await requests.ask('history/query', query, Number(config.timeout));
        send({ ...message, query, payload: reply });
      };
      ask().then(() => done(), done);
    });
  });
}
