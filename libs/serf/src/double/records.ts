import { VERSIONS, type DoubleEvent, type DoubleMember } from './cluster.ts';

export type Wire = Readonly<Record<string, unknown>>;

export function header(Seq: number, Error = ''): Wire {
  return { Error, Seq };
}

export function memberRecord({ name, address, port, tags, status }: DoubleMember): Wire {
  const versions = Object.entries(VERSIONS).flatMap(([of, { min, max, current }]) => [
    [`${of}Min`, min] as const,
    [`${of}Max`, max] as const,
    [`${of}Cur`, current] as const,
  ]);
  const Tags = Object.fromEntries(tags);
  return { Name: name, Addr: address, Port: port, Tags, Status: status, ...Object.fromEntries(versions) };
}

/** @param id under which the client may respond to it, where it is a query. */
export function eventRecord(event: DoubleEvent, id: number): Wire {
  if ('members' in event) return { Event: event.type, Members: event.members.map(memberRecord) };
  const common = { Event: event.type, LTime: event.time, Name: event.name, Payload: event.payload };
  return 'coalesce' in event ? { ...common, Coalesce: event.coalesce } : { ...common, ID: id };
}

/** Whether an event is of the types that a stream was asked for. */
export function streamed(types: string, event: DoubleEvent): boolean {
  return types.split(',').some((type) => {
    const [kind, name] = type.split(/:(.*)/s);
    return type === '*' || (kind === event.type && (name === undefined || ('name' in event && event.name === name)));
  });
}

const TYPES = /^(\*|member-(join|leave|failed|update|reap)|(user|query)(:.*)?)$/s;

export function validTypes(types: string): boolean {
  return types.split(',').every((type) => TYPES.test(type));
}
