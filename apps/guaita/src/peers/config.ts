import { Id } from '@guaita/model';
import { commonShape, type ConfigSection } from '@guaita/service';
import { z } from 'zod';

/** As a monitor reaches its own broker, but that there is no default address. */
const { url, ...credentials } = commonShape('').mqtt.unwrap().shape;

/** How to reach one peer's broker. Its user there needs to write below `monitor/<this monitor>/`, and to read nothing. */
export const PeerAddress = z.strictObject({ url: url.unwrap().describe('the peer’s broker'), ...credentials });
export type PeerAddress = z.output<typeof PeerAddress>;

/** The section `peers:` of `guaita.yaml`: the other monitors of this site, by name. */
export const peersConfig = z.record(Id, PeerAddress).default({});

export const peersSection = { name: 'peers', config: peersConfig } satisfies ConfigSection;
