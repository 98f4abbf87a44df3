import { PayloadError } from '@guaita/messages';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import { InvalidMessages } from './invalid-messages.ts';

test('messages that break the contract get a line per channel and minute, with how many there were', async () => {
  const lines: string[] = [];
  const write = (line: string): void => {
    const { channel, msg } = JSON.parse(line) as { channel: string; msg: string };
    lines.push(`${channel}: ${msg}`);
  };
  const clock = new ManualClock();
  const invalid = new InvalidMessages('guaita', clock, pino({ base: null }, { write }));
  const flood = (topic: string): void => {
    for (let count = 0; count < 1_000; count++) invalid.note(new PayloadError(topic.replace('N', `${count}`), 'bad'));
  };
  flood('guaita/monitor/m/ping/dN');
  flood('guaita/monitor/m/snmp/dN');
  flood('guaita/made-up/N');
  await clock.advance(59_000);
  flood('guaita/monitor/m/ping/dN');
  await clock.advance(1_000);
  flood('guaita/monitor/m/ping/dN');
  const first = 'a message breaks the contract and is passed over';
  expect(lines).toEqual([
    `ping: ${first}`,
    `snmp: ${first}`,
    `none: ${first}`,
    `ping: ${first}; so did 1999 more since the last such line`,
  ]);
});
