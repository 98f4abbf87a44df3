import { channels } from '@guaita/messages';
import { hear, linkOf } from '../broker/broker-node.ts';
import type { Red } from '../red.ts';
import { wordsOf } from '../words.ts';
import { wants, type Wanted } from './alert-filter.ts';

/** The dialog of an alert node: lists are words. */
interface AlertNodeConfig {
  readonly broker: string;
  readonly severities: string;
  readonly kinds: string;
  readonly tags: string;
  readonly subjects: string;
  readonly phase: Wanted['phase'];
  /** Also send what is open already when it connects. */
  readonly open: boolean;
}

/** Registers *guaita alert*, which sends alerts as they come. */
export function registerAlert(RED: Red): void {
  RED.nodes.registerType<AlertNodeConfig>('guaita-alert', function (config) {
    RED.nodes.createNode(this, config);
    const link = linkOf(RED, this, config.broker);
    if (link === undefined) return;
    const { severities, kinds, tags, subjects } = config;
    const wanted: Wanted = {
      severities: wordsOf(severities),
      kinds: wordsOf(kinds),
      tags: wordsOf(tags),
      subjects: wordsOf(subjects),
      phase: config.phase,
    };
    const pass = (topic: string, alert: Readonly<Record<string, unknown>>): void => {
      if (wants(wanted, alert)) this.send({ topic, payload: alert });
    };
    /** Alerts that have begun, by their ids: a broker that is back tells again which are open. */
    const begun = new Set<string>();
    hear(this, link, channels.alert.filter(link.base), ({ topic, value }) => {
      if (value === undefined) return;
      if (config.open && value['resolves'] !== true) begun.add(String(value['id']));
      pass(topic, value);
    });
    if (!config.open) return;
    hear(this, link, channels.openAlert.filter(link.base), ({ topic, value, isKept }) => {
      const id = channels.openAlert.parse(link.base, topic)?.alert;
      if (id === undefined) return;
      if (value === undefined) begun.delete(id);
      // What opens while we listen comes as an alert of its own, and so does what is open still when its silence ends.
      if (value === undefined || !isKept || begun.has(id) || 'silenced' in value) return;
      begun.add(id);
      pass(topic, value);
    });
  });
}
