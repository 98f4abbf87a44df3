/**
 * @typedef {object} SystemPackage
 * @property {string} name its name at Debian and its kin
 * @property {string} program what it brings that we run: how we see whether it is there
 * @property {string} why
 * @property {readonly string[]} [services] daemons that it would start, on all interfaces, now and at every boot
 */

/**
 * @typedef {object} Command
 * @property {string} description
 * @property {string} script relative to the workspace, run by the workspace's own Node.js
 * @property {readonly string[]} nodeFlags
 * @property {readonly string[]} args that come before the user's
 * @property {readonly SystemPackage[]} packages
 * @property {boolean} showsPage whether the live page has to be built for it
 * @property {boolean} keepsCompiled whether Node.js keeps what it has compiled: processes start in half the time, and are not as they are elsewhere
 * @property {boolean} goesOnWithout whether it can do its work, less well, without them
 */

/** @type {Readonly<Record<string, SystemPackage>>} */
const packages = {
  fping: { name: 'fping', program: 'fping', why: 'pings many devices at once' },
  mosquitto: { name: 'mosquitto', program: 'mosquitto', why: 'the MQTT broker of tests', services: ['mosquitto'] },
  mosquittoClients: { name: 'mosquitto-clients', program: 'mosquitto_sub', why: 'a second MQTT client for tests' },
  snmpd: { name: 'snmpd', program: 'snmpd', why: 'a real SNMP agent', services: ['snmpd'] },
  snmp: { name: 'snmp', program: 'snmpget', why: 'a second SNMP client' },
  snmpsim: { name: 'snmpsim', program: 'snmpsimd', why: 'SNMP agents that replay recorded devices' },
  iproute2: { name: 'iproute2', program: 'ip', why: 'network namespaces full of devices' },
  ping: { name: 'iputils-ping', program: 'ping', why: 'the way of pinging that is tried where fping is missing' },
  compose: {
    name: 'docker-compose',
    program: 'docker-compose',
    why: 'checks docker-compose.yml; no Docker daemon is needed',
  },
  chromium: {
    name: 'chromium',
    program: 'chromium',
    why: 'a real browser, for the live page and the editor of Node-RED',
  },
  nftables: { name: 'nftables', program: 'nft', why: 'loses pings in a namespace' },
  bzip2: { name: 'bzip2', program: 'bunzip2', why: 'reads service tags as nodes of Cloudy do' },
  openssl: { name: 'openssl', program: 'openssl', why: 'makes the certificates of tests' },
  jinja: { name: 'j2cli', program: 'j2', why: 'the template engine of Home Assistant' },
  victoriaMetrics: {
    name: 'victoria-metrics',
    program: 'victoria-metrics',
    why: 'a store that measurements are exported to',
    services: ['victoria-metrics'],
  },
  prometheus: {
    name: 'prometheus',
    program: 'prometheus',
    why: 'another such store',
    services: ['prometheus', 'prometheus-node-exporter'],
  },
  serf: { name: 'serf', program: 'serf', why: 'real Serf agents', services: ['serf'] },
  blackboxExporter: {
    name: 'prometheus-blackbox-exporter',
    program: 'prometheus-blackbox-exporter',
    why: 'measured beside our ping service',
    services: ['prometheus-blackbox-exporter'],
  },
  snmpExporter: {
    name: 'prometheus-snmp-exporter',
    program: 'prometheus-snmp-exporter',
    why: 'measured beside our SNMP service',
    services: ['prometheus-snmp-exporter'],
  },
};

/**
 * @param {...string} keys
 * @returns {readonly SystemPackage[]}
 */
function pick(...keys) {
  return Object.entries(packages).flatMap(([key, value]) => (keys.includes(key) ? [value] : []));
}

/** @type {Readonly<Record<string, Command>>} */
export const commands = {
  start: {
    description: 'watches devices: `guaita up` with your flags',
    script: 'apps/guaita/src/main.ts',
    // V8 gives its young generation a multiple of this and never gives it back: tens of megabytes less on a Pi.
    // And where little happens it would collect everything every two minutes, for a few megabytes.
    nodeFlags: ['--max-semi-space-size=4', '--no-memory-reducer'],
    args: ['up'],
    packages: pick('fping'),
    showsPage: true,
    keepsCompiled: true,
    goesOnWithout: true,
  },
  test: {
    description: "runs every project's tests, or those in the folders that you name: `npm test -- apps/ping`",
    script: 'node_modules/vitest/vitest.mjs',
    nodeFlags: [],
    args: ['run'],
    packages: pick(
      ...[
        'fping',
        'mosquitto',
        'mosquittoClients',
        'snmpd',
        'snmp',
        'snmpsim',
        'iproute2',
        'ping',
        'compose',
        'chromium',
        'nftables',
        'openssl',
        'bzip2',
        'jinja',
        'victoriaMetrics',
        'prometheus',
        'serf',
      ],
    ),
    showsPage: false,
    keepsCompiled: true,
    goesOnWithout: false,
  },
  bench: {
    description: 'measures against other tools: `npm run bench -- ping --json`',
    script: 'bench/src/main.ts',
    nodeFlags: [],
    args: [],
    packages: pick(
      ...[
        'fping',
        'mosquitto',
        'snmpd',
        'iproute2',
        'ping',
        'chromium',
        'blackboxExporter',
        'snmpExporter',
        'victoriaMetrics',
        'prometheus',
      ],
    ),
    showsPage: false,
    keepsCompiled: false,
    goesOnWithout: false,
  },
};

/** What `--help` shows. */
export function usage() {
  const lines = Object.entries(commands).map(([name, { description }]) => `  ${name.padEnd(8)}${description}`);
  return [
    'Usage: node tools/setup/run.mjs COMMAND [ARGUMENTS]',
    '',
    'Installs the npm and system packages that COMMAND needs and that are missing, then runs it.',
    '',
    ...lines,
  ].join('\n');
}
