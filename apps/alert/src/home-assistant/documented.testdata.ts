import { z } from 'zod';

/**
 * What Home Assistant documents of device discovery (https://www.home-assistant.io/integrations/mqtt/), of MQTT sensors and
 * of MQTT binary sensors, as far as a device that is only looked at may use it. Unknown keys are refused here, though Home
 * Assistant passes over them: they would be mistakes.
 */
const topic = z.string().regex(/^[^#+\0]+$/);
const template = z.string().includes('{{');

const availability = {
  availability: z
    .array(
      z.strictObject({
        topic,
        value_template: template.optional(),
        payload_available: z.string().optional(),
        payload_not_available: z.string().optional(),
      }),
    )
    .optional(),
  availability_mode: z.enum(['all', 'any', 'latest']).optional(),
};

const entity = {
  ...availability,
  unique_id: z.string().min(1),
  name: z.string().nullable().optional(),
  state_topic: topic,
  value_template: template.optional(),
  json_attributes_topic: topic.optional(),
  json_attributes_template: template.optional(),
  entity_category: z.enum(['config', 'diagnostic']).optional(),
  enabled_by_default: z.boolean().optional(),
  icon: z.string().startsWith('mdi:').optional(),
  expire_after: z.int().min(0).optional(),
  force_update: z.boolean().optional(),
  qos: z.union([z.literal(0), z.literal(1), z.literal(2)]).optional(),
};

/** Units that Home Assistant takes for the classes that we use. */
const UNITS = {
  duration: ['d', 'h', 'min', 's', 'ms'],
  data_rate: ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'B/s'],
} as const;

const sensor = z
  .strictObject({
    ...entity,
    platform: z.literal('sensor'),
    device_class: z.enum(['duration', 'data_rate']).optional(),
    state_class: z.enum(['measurement', 'total', 'total_increasing']).optional(),
    unit_of_measurement: z.string().optional(),
    suggested_display_precision: z.int().min(0).optional(),
  })
  .refine(
    ({ device_class, unit_of_measurement = '' }) =>
      device_class === undefined || (UNITS[device_class] as readonly string[]).includes(unit_of_measurement),
    'the unit is none of the device class',
  );

const binarySensor = z.strictObject({
  ...entity,
  platform: z.literal('binary_sensor'),
  device_class: z.literal('connectivity').optional(),
  payload_on: z.string().optional(),
  payload_off: z.string().optional(),
  off_delay: z.int().min(0).optional(),
});

/** A component of which only the platform is said is taken away. */
const removed = z.strictObject({ platform: z.enum(['sensor', 'binary_sensor']) });

export const DeviceDiscovery = z.strictObject({
  ...availability,
  device: z.strictObject({
    identifiers: z.array(z.string().min(1)).min(1),
    name: z.string().optional(),
    manufacturer: z.string().optional(),
    model: z.string().optional(),
    sw_version: z.string().optional(),
    configuration_url: z.url().optional(),
    via_device: z.string().optional(),
  }),
  origin: z.strictObject({
    name: z.string().min(1),
    sw_version: z.string().optional(),
    support_url: z.url().optional(),
  }),
  components: z.record(z.string(), z.union([sensor, binarySensor, removed])),
  state_topic: topic.optional(),
  qos: z.union([z.literal(0), z.literal(1), z.literal(2)]).optional(),
});

export type DeviceDiscovery = z.infer<typeof DeviceDiscovery>;

/** `<prefix>/device/[<node>/]<object>/config` */
export const DISCOVERY_TOPIC = /^homeassistant\/device\/([a-zA-Z0-9_-]+\/)?[a-zA-Z0-9_-]+\/config$/;
