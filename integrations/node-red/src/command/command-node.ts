import { linkOf } from '../broker/broker-node.ts';
import type { Red } from '../red.ts';
import { shown } from '../shown.ts';
import { commandPayload, VERBS, type Verb } from './command-payload.ts';
import { Requests } from './requests.ts';

/** The dialog of a command node. Node-RED keeps numbers as text where a person typed them. */
interface CommandNodeConfig {
  readonly broker: string;
  readonly verb: string;
  readonly by: string;
  readonly why: string;
  readonly minutes: number | string;
  readonly timeout: number | string;
}

/** Registers *guaita command*, which gives a command for each message, and sends the answer. */
export function registerCommand(RED: Red): void {
  RED.nodes.registerType<CommandNodeConfig>('guaita-command', function (config) {
    RED.nodes.createNode(this, config);
    const link = linkOf(RED, this, config.broker);
    if (link === undefined) return;
    const requests = new Requests(link);
    this.on('close', (done) => void requests.stop().then(() => done(), done));
    const defaults = { by: config.by, why: config.why, minutes: Number(config.minutes) };
    this.on('input', (message, send, done) => {
      const give = async (): Promise<void> => {
        const verb = verbOf(message['command'] ?? config.verb);
        const payload = commandPayload(verb, message['payload'], defaults);
        const reply = await requests.ask(verb, payload, Number(config.timeout));
        send({ ...message, command: verb, given: payload, payload: reply });
      };
      give().then(() => done(), done);
    });
  });
}

function verbOf(text: unknown): Verb {
  const verb = VERBS.find((each) => each === text);
  if (verb === undefined) throw new RangeError(`no command is called ${shown(text)}: there are ${VERBS.join(', ')}`);
  return verb;
}
