import { expect, it } from 'vitest';
import { nextConnection, type Connection, type ConnectionEvent } from './connection.ts';

const open: ConnectionEvent = { what: 'open' };
const closed = (why: string): ConnectionEvent => ({ what: 'closed', why });

function after(...events: (readonly [number, ConnectionEvent])[]): Connection {
  return events.reduce<Connection>((connection, [at, event]) => nextConnection(connection, event, at), {
    phase: 'connecting',
    since_ms: 0,
  });
}

it('what was never live is not lost', () => {
  expect(after([5, closed('refused')])).toEqual({ phase: 'connecting', since_ms: 0 });
});

it('a loss is as old as it is, however often it is tried to come back', () => {
  expect(after([1, open], [10, closed('reset')], [20, closed('refused')], [30, closed('refused')])).toEqual({
    phase: 'lost',
    since_ms: 10,
    why: 'refused',
  });
});

it('what is back is live', () => {
  expect(after([1, open], [10, closed('')], [30, open])).toEqual({ phase: 'live', since_ms: 30 });
});
