import { z } from 'zod';
import type { Channel, Expiry } from '../channel.ts';
import { channels as allChannels, DEFAULT_BASE } from '../channels.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const PARAMETERS: Readonly<Record<string, string>> = {
  base: 'The base topic, under which everything stands.',
  monitor: 'Id of a monitor.',
  device: 'Id of a device.',
  service: 'Name of a service.',
  type: 'Type of a service that was found.',
  name: 'Id of a service that was found, or of a Serf member, or made of the name of a Serf event.',
  instance: 'Id of one run of a service.',
  bucket: 'Number of a bucket, as two hexadecimal digits; intents of a bucket go on in `3f.1`, `3f.2`.',
  peer: 'Id of the monitor that is asked.',
  user: 'Name of the user who gave the command.',
  request: 'An id of the asker’s choice.',
};

const SCOPES = {
  bridged: 'said by one monitor to all (bridged)',
  host: 'between the services of one monitor (never bridged)',
  local: 'computed here for the audience of this broker (never bridged)',
} as const;

/**
 * The AsyncAPI 3.0 document of the wire contract, made from the same channels and schemas that the services use.
 *
 * @param version of the contract.
 */
export function asyncapiDocument(version: string, channels: Readonly<Record<string, Channel>> = allChannels): Json {
  const entries = Object.entries(channels);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Guaita over MQTT',
      version,
      description:
        'What the parts of Guaita, a distributed and decentralised network monitor, say to one another and to everybody ' +
        'who subscribes. MQTT 5, payloads in UTF-8 JSON. Readers pass over fields that they do not know: fields are ' +
        'added, never renamed. Names end in their unit; times are ISO 8601 in UTC.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      monitor: {
        host: 'localhost:1883',
        protocol: 'mqtt',
        protocolVersion: '5',
        description: 'A monitor’s own broker.',
      },
    },
    channels: Object.fromEntries(entries.map(([name, channel]) => [name, describeChannel(name, channel)])),
    operations: Object.fromEntries(entries.map(([name, channel]) => [name, describeOperation(name, channel)])),
    components: {
      messages: Object.fromEntries(entries.map(([name, channel]) => [name, describeMessage(channel)])),
    },
  };
}

function describeChannel(name: string, channel: Channel): Json {
  const parameters = ['base', ...channel.parameters].map((parameter) => [
    parameter,
    { description: PARAMETERS[parameter] ?? parameter, ...(parameter === 'base' ? { default: DEFAULT_BASE } : {}) },
  ]);
  return {
    address: `{base}/${channel.definition.path}`,
    description: `${channel.definition.description} Scope: ${SCOPES[channel.definition.scope]}.`,
    parameters: Object.fromEntries(parameters) as Json,
    messages: { [name]: { $ref: `#/components/messages/${name}` } },
  };
}

function describeOperation(name: string, channel: Channel): Json {
  const { writer, qos, retained, expiry, will = false, clearable = false } = channel.definition;
  return {
    action: 'send',
    channel: { $ref: `#/channels/${name}` },
    summary: `Written by ${writer}.`,
    bindings: { mqtt: { qos, retain: retained, bindingVersion: '0.2.0' } },
    'x-writer': writer,
    'x-will': will,
    'x-clearable': clearable,
    ...(expiry === undefined ? {} : { 'x-expiry': describeExpiry(expiry) }),
  };
}

function describeExpiry(expiry: Expiry): string {
  return 'after_s' in expiry ? `${expiry.after_s} s` : `${expiry.intervals} intervals of its check`;
}

function describeMessage(channel: Channel): Json {
  const schema = z.toJSONSchema(channel.definition.payload, {
    target: 'draft-7',
    io: 'input',
    // Zod's pattern for a moment is 300 characters long and says no more than the format does.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  delete schema.$schema;
  return { contentType: 'application/json', payload: schema as Json };
}
