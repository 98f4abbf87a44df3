import { channels } from '@guaita/messages';
import { expect, it } from 'vitest';
import { aboutTopic, TOPICS, type Kind } from './topics.ts';

it.each(['cluster', 'spec', 'state', 'openAlert', 'silence', 'service', 'trouble', 'ping'] as const satisfies Kind[])(
  'the page listens to %s where the contract says it is told',
  (kind) => {
    expect(`guaita/${TOPICS[kind]}`).toBe(channels[kind].filter('guaita'));
  },
);

it('a topic is read back into what it is about', () => {
  expect(aboutTopic('monitor/pi-1/ping/ap')).toEqual(['ping', 'pi-1', 'ap']);
  expect(aboutTopic('device/ap/spec')).toEqual(['spec', 'ap', '']);
  expect(aboutTopic('service/http/web')).toEqual(['found', 'http', 'web']);
  expect(aboutTopic('serf/member/pi-1')).toEqual(['member', 'pi-1', '']);
  expect(aboutTopic('serf/member')).toBeUndefined();
});
