import { Channel } from '../channel.ts';
import { Assigned, Presence, Probing } from '../payloads.ts';
import { FoundService } from '../services.ts';

/** Between the services of one monitor. */
export const hostChannels = {
  assigned: new Channel({
    name: 'assigned',
    path: 'host/{monitor}/assigned/{device}',
    writer: 'assign',
    scope: 'host',
    retained: true,
    qos: 1,
    clearable: true,
    description: 'A device that this monitor watches, and which checks; empty once released.',
    payload: Assigned,
  }),
  presence: new Channel({
    name: 'presence',
    path: 'host/{monitor}/presence/{service}/{instance}',
    writer: 'every service',
    scope: 'host',
    retained: true,
    qos: 1,
    will: true,
    expiry: { after_s: 60 },
    clearable: true,
    description: 'Which instance of a service speaks on this broker; said again well before it expires.',
    payload: Presence,
  }),
  hostService: new Channel({
    name: 'hostService',
    path: 'host/{monitor}/service/{type}/{name}',
    writer: 'serf-publisher',
    scope: 'host',
    retained: true,
    qos: 1,
    clearable: true,
    description:
      'A service that this host’s own sources know; counts for as long as its serf-publisher is there. Whose turn it is ' +
      'tells of those of all hosts on `service/{type}/{name}`.',
    payload: FoundService,
  }),
  probing: new Channel({
    name: 'probing',
    path: 'host/{monitor}/probing',
    writer: 'ping',
    scope: 'host',
    retained: true,
    qos: 1,
    description: 'What the ping service knows of this host’s own way out.',
    payload: Probing,
  }),
} as const;
