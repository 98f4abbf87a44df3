import { addressText } from './ip-address.ts';
import { bytesIn, countIn, listIn, fieldsOf, textIn, textsOf, type Fields } from './wire/fields.ts';

/** A version that a member speaks, and the span of those that it could. */
export interface ProtocolVersions {
  readonly min: number;
  readonly max: number;
  readonly current: number;
}

/** What the agent says of one member of its cluster. */
export interface Member {
  readonly name: string;
  /** Where its gossip is heard: an IP address. */
  readonly address: string;
  readonly port: number;
  readonly tags: ReadonlyMap<string, string>;
  /** `alive`, `leaving`, `left`, `failed` or `none`; left as text, since it is the agent's word. */
  readonly status: string;
  readonly protocol: ProtocolVersions;
  readonly delegate: ProtocolVersions;
}

/** @throws {ProtocolError} when one of them is no member. */
export function membersIn(fields: Fields, where: string): readonly Member[] {
  return listIn(fields, 'Members', where).map((member) => memberOf(fieldsOf(member, where), where));
}

function memberOf(fields: Fields, where: string): Member {
  const versions = (name: string): ProtocolVersions => ({
    min: countIn(fields, `${name}Min`, where),
    max: countIn(fields, `${name}Max`, where),
    current: countIn(fields, `${name}Cur`, where),
  });
  return {
    name: textIn(fields, 'Name', where),
    address: addressText(bytesIn(fields, 'Addr', where)),
    port: countIn(fields, 'Port', where),
    tags: textsOf(fields.get('Tags'), where),
    status: textIn(fields, 'Status', where),
    protocol: versions('Protocol'),
    delegate: versions('Delegate'),
  };
}
