import type { FlowNode } from './node-red.ts';

const TAB = 'flow';
const BROKER = 'broker';

/** A flow on one broker whose nodes are given, each with what it is wired to. */
export function flow(broker: object, ...nodes: readonly FlowNode[]): FlowNode[] {
  return [
    { id: TAB, type: 'tab', label: 'a test' },
    { id: BROKER, type: 'guaita-broker', name: '', base: 'guaita', tls: '', ...broker },
    // What has no place on the canvas is taken for a configuration.
    ...nodes.map((node) => ({ z: TAB, x: 0, y: 0, wires: [], ...node })),
  ];
}

/** A debug node: what comes to it is seen from outside. */
export function seen(id: string, complete = 'payload'): FlowNode {
  const type = complete === 'true' ? 'full' : 'msg';
  return { id, type: 'debug', active: true, tosidebar: true, console: false, complete, targetType: type };
}

/** A *guaita alert* that lets all through, but for what is given. */
export function alertNode(id: string, to: string, fields: object = {}): FlowNode {
  const all = { severities: '', kinds: '', tags: '', subjects: '', phase: 'both', open: false };
  return { id, type: 'guaita-alert', broker: BROKER, ...all, ...fields, wires: [[to]] };
}

/** A *guaita device* with what its two outputs are wired to. */
export function deviceNode(id: string, changes: string, answers: string, fields: object = {}): FlowNode {
  const all = { devices: '', tags: '', initial: false };
  return { id, type: 'guaita-device', broker: BROKER, ...all, ...fields, wires: [[changes], [answers]] };
}

/** A *guaita command*. */
export function commandNode(id: string, to: string, fields: object = {}): FlowNode {
  const usual = { verb: 'silence/add', by: 'ada', why: 'a test', minutes: 60, timeout: 10 };
  return { id, type: 'guaita-command', broker: BROKER, ...usual, ...fields, wires: [[to]] };
}

/** A *guaita history*. */
export function historyNode(id: string, to: string, fields: object = {}): FlowNode {
  return {
    id,
    type: 'guaita-history',
    broker: BROKER,
    device: '',
    kind: 'ping',
    hours: 24,
    timeout: 10,
    ...fields,
    wires: [[to]],
  };
}

/** A *guaita calendar*. */
export function calendarNode(id: string, to: string, fields: object = {}): FlowNode {
  return { id, type: 'guaita-calendar', zone: '', ahead: 0, ...fields, wires: [[to]] };
}

/** A button that sends a message. */
export function button(id: string, to: string, message: Readonly<Record<string, unknown>> = {}): FlowNode {
  const props = Object.entries(message).map(([p, value]) => ({ p, v: JSON.stringify(value), vt: 'json' }));
  return { id, type: 'inject', props, repeat: '', crontab: '', once: false, wires: [[to]] };
}

/** Takes the errors of all nodes. */
export function catcher(id: string, to: string): FlowNode {
  return { id, type: 'catch', scope: null, uncaught: false, wires: [[to]] };
}
