const COLOURS: Readonly<Record<string, string>> = { warn: '33', error: '31', fatal: '1;31', debug: '2', trace: '2' };

/** One JSON line of the log as people read it: `12:00:01 warn  ping: fping is missing (device: gateway)`. */
export function prettyLine(line: string, colours: boolean): string {
  const { level, time, msg, service, err, error, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const name = text(level);
  const paint = (word: string): string => {
    const colour = COLOURS[name];
    return colours && colour !== undefined ? `\u001b[${colour}m${word}\u001b[0m` : word;
  };
  const clock = text(time).slice(11, 19);
  const who = service === undefined ? '' : `${text(service)}: `;
  const fields = Object.entries(rest).map(([key, value]) => `${key}: ${text(value)}`);
  const more = fields.length === 0 ? '' : ` (${fields.join(', ')})`;
  const trouble = [err, error].filter((value) => value !== undefined).map((value) => `${errorText(value)}\n`);
  return `${clock} ${paint(name.padEnd(5))} ${printable(`${who}${text(msg ?? '')}${more}`)}\n${trouble.join('')}`;
}

/** An error as pino serialised it, with what caused it. */
function errorText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `    ${printable(text(value))}`;
  const { stack, type, message, cause } = value as Record<string, unknown>;
  const own = text(stack ?? `${text(type ?? 'Error')}: ${text(message ?? '')}`)
    .split('\n')
    .map((line) => `    ${printable(line)}`)
    .join('\n');
  return cause === undefined ? own : `${own}\n    caused by:\n${errorText(cause)}`;
}

/** A value in a line: text as it is, all else as JSON. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** Text from the network must not steer the terminal. */
function printable(raw: string): string {
  return raw.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
}
