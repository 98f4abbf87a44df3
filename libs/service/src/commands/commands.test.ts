import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { channels, type Reply } from '@guaita/messages';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CommandError } from './command-error.ts';
import { Commands, type Said } from './commands.ts';

const TOPIC = 'guaita/command/services/remove';
const COMMAND = '{"type":"http","name":"web"}';

let broker: MemoryBroker;
let bus: MemoryBus;
let commands: Commands;
let log: string[];
let isOurs: boolean;
/** What the command comes to. */
let obey: () => Promise<Said | undefined>;
let obeyed: number;

beforeEach(async () => {
  broker = new MemoryBroker();
  bus = new MemoryBus(broker);
  await bus.start();
  [log, isOurs, obeyed, obey] = [[], true, 0, () => Promise.resolve({ remarks: ['slowly'] })];
  const note = (line: unknown): void => void log.push(String(line));
  const wire = new Wire(bus, () => undefined);
  commands = new Commands({ wire, monitor: 'm1', log: { info: note, warn: note } });
  await commands.hear(
    channels.removeService,
    () => isOurs,
    () => {
      obeyed += 1;
      return obey();
    },
  );
});
afterEach(async () => {
  await commands.stop();
  await bus.stop();
});

/** Gives the command, and waits until all is said that will be. */
async function give(payload = COMMAND, responseTopic = 'guaita/reply/ada/1', retain = false): Promise<Reply[]> {
  const replies: Reply[] = [];
  const release = await bus.subscribe('#', ({ topic, payload: said }) => {
    if (topic === responseTopic) replies.push(channels.reply.decode(topic, said));
  });
  broker.publish({ topic: TOPIC, payload, qos: 1, retain, responseTopic });
  await eventually(() => expect(log.length + obeyed).toBeGreaterThan(0));
  await bus.flushed();
  await release();
  return replies;
}

it('are done, and answered with what there is to say', async () => {
  expect(await give()).toEqual([{ ok: true, monitor: 'm1', remarks: ['slowly'] }]);
  expect(log).toEqual([`${TOPIC}: done`]);
});

it('are answered with the cause and the mend where they cannot be done', async () => {
  obey = () => Promise.reject(new CommandError('service http/web is not known; look again'));
  expect(await give()).toEqual([{ ok: false, monitor: 'm1', problem: 'service http/web is not known; look again' }]);
});

it('are answered with what is wrong where they are none, and not done', async () => {
  expect(await give('{"type":"http"}')).toEqual([
    {
      ...{ ok: false, monitor: 'm1' },
      problem: expect.stringMatching(/^guaita\/command\/services\/remove: name: .*; docs\/asyncapi.yaml/) as string,
    },
  ]);
  expect(obeyed).toBe(0);
});

it('that turn out to be another’s are answered by that one', async () => {
  obey = () => Promise.resolve(undefined);
  expect(await give()).toEqual([]);
  expect(log).toEqual([]);
});

it('whose answer is wanted elsewhere are not done', async () => {
  expect(await give(COMMAND, 'guaita/device/x/state')).toEqual([]);
  expect(obeyed).toBe(0);
  expect(log[0]).toContain(
    'its response topic "guaita/device/x/state" is none; give one like guaita/reply/user/request',
  );
});

it('are nobody’s while it is another’s turn, and after the end', async () => {
  isOurs = false;
  broker.publish({ topic: TOPIC, payload: COMMAND, qos: 1, retain: false });
  await bus.flushed();
  isOurs = true;
  await commands.stop();
  broker.publish({ topic: TOPIC, payload: COMMAND, qos: 1, retain: false });
  await bus.flushed();
  expect([obeyed, log]).toEqual([0, []]);
});
