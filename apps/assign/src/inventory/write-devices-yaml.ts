import { normaliseId, PING_DEFAULTS, SNMP_DEFAULTS, type Device } from '@guaita/model';
import { DEFAULT_SCALAR_STYLE_RULES, dump, SCALAR_STYLE, type ScalarStyleRule } from 'js-yaml';
import { plainValue } from './plain-value.ts';

/**
 * Writes devices as a `devices.yaml` that reads back as the same devices. What a reader would take for granted is left
 * out, so that people find only what matters.
 */
export function writeDevicesYaml(devices: readonly Device[]): string {
  return dump(
    { devices: devices.map(entryOf) },
    { flowLevel: FLOW_LEVEL, lineWidth: -1, noRefs: true, scalarStyleRules: STYLE_RULES },
  );
}

/** A device's keys stand below each other, what they hold on one line: `tags: [a, b]`. */
const FLOW_LEVEL = 3;

/** Text such as the tag `1e999`, which is plain to the writer, and a number to our reader. */
const quoteWhatIsNoText: ScalarStyleRule = (layout) => {
  const isText = layout.node.tag === layout.presenterOptions.schema.defaultScalarTag.tagName;
  if (isText && plainValue(layout.node.value) !== layout.node.value) layout.style = SCALAR_STYLE.SINGLE_QUOTED;
};

const STYLE_RULES = [quoteWhatIsNoText, ...Object.values(DEFAULT_SCALAR_STYLE_RULES)];

function entryOf({ device, name, addresses, parents, tags, checks, placement }: Device): Record<string, unknown> {
  const [address] = addresses;
  const ping = checks.ping === undefined ? false : besides(checks.ping, PING_DEFAULTS);
  return {
    name,
    ...(normaliseId(name) === device ? {} : { id: device }),
    ...(addresses.length === 1 ? { address } : { addresses }),
    ...(parents.length === 0 ? {} : { parents }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(ping === false || Object.keys(ping).length > 0 ? { ping } : {}),
    ...(checks.snmp === undefined ? {} : { snmp: snmpOf(checks.snmp) }),
    ...(placement === undefined ? {} : { placement }),
  };
}

function snmpOf(check: NonNullable<Device['checks']['snmp']>): unknown {
  const settings = besides(check, SNMP_DEFAULTS);
  return Object.keys(settings).length === 1 ? check.profile : settings;
}

/** The settings that are not as they are by default. */
function besides(settings: object, defaults: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([key, value]) => defaults[key] !== value));
}
