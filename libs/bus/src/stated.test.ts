import { expect, test } from 'vitest';
import type { OutgoingMessage } from './bus.ts';
import { StatedTopics } from './stated.ts';

function state(topic: string, payload: string): OutgoingMessage {
  return { topic, payload, qos: 1, retain: true };
}

function again(stated: StatedTopics, now_ms = 0): string[] {
  return [...stated.again(() => now_ms)].map(({ message }) => `${message.topic}=${message.payload}`);
}

test('the newest state of each topic is said again, cleared topics too, measurements and events not', () => {
  const stated = new StatedTopics(10);
  stated.note(state('a', 'old'), 0);
  stated.note(state('a', 'new'), 0);
  stated.note(state('b', 'x'), 0);
  stated.note(state('b', ''), 0);
  stated.note({ ...state('m', 'x'), measurement: true }, 0);
  stated.note({ ...state('event', 'x'), retain: false }, 0);
  expect(again(stated)).toEqual(['b=', 'a=new']);
});

test('a topic that was cleared and then measured is not cleared again', () => {
  const stated = new StatedTopics(10);
  stated.note(state('seen/1', ''), 0);
  stated.note(state('seen/2', ''), 0);
  stated.note({ ...state('seen/1', 'x'), measurement: true }, 0);
  expect(again(stated)).toEqual(['seen/2=']);
});

test('state is not said again once it has expired, or was refused', () => {
  const stated = new StatedTopics(10);
  stated.note({ ...state('a', 'x'), expiry_s: 1 }, 0);
  stated.note(state('b', 'x'), 0);
  stated.note(state('c', 'x'), 0);
  stated.forget('b');
  expect(again(stated, 1_000)).toEqual(['c=x']);
});

test('what is left to others is not said again, neither that it was cleared', () => {
  const stated = new StatedTopics(10);
  for (const topic of ['a/1', 'a/2', 'b/1']) stated.note(state(topic, 'x'), 0);
  stated.note(state('a/2', ''), 0);
  stated.forget('a/+');
  expect(again(stated)).toEqual(['b/1=x']);
});

test('beyond its limit it says that it does not remember', () => {
  const stated = new StatedTopics(1);
  expect(stated.note(state('a', '1'), 0)).toBe(true);
  expect(stated.note(state('b', '1'), 0)).toBe(false);
  expect(stated.note(state('a', '2'), 0)).toBe(true);
  expect(again(stated)).toEqual(['a=2']);
});
