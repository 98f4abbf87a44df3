/**
 * What one line of fping 5.1 says. With `-C` it writes replies and timeouts to stdout as they come, errors to stderr,
 * and at its end a summary of each target to stderr. A request that could not be sent has no line of its own.
 */
export type FpingLine =
  /** `10.0.0.1 : [0], 64 bytes, 0.045 ms (0.045 avg, 0% loss)` */
  | { readonly kind: 'reply'; readonly target: string; readonly index: number; readonly rtt_ms: number }
  /** `10.0.0.1 : [0], timed out (NaN avg, 100% loss)` */
  | { readonly kind: 'timeout'; readonly target: string; readonly index: number }
  /** `10.0.0.1 : 0.045 - 0.065`: the summary of a target, `-` where no reply came. */
  | { readonly kind: 'summary'; readonly target: string; readonly rtts_ms: readonly (number | null)[] }
  /** `ICMP Host Unreachable from 10.0.0.254 for ICMP Echo sent to 10.0.0.1`: why no reply can come. */
  | { readonly kind: 'icmp'; readonly target: string; readonly message: string }
  /** `10.0.0.1: error while sending ping: Network is unreachable` */
  | { readonly kind: 'unsent'; readonly target: string; readonly message: string }
  /** `nosuch.example: Name or service not known` */
  | { readonly kind: 'unresolved'; readonly target: string; readonly message: string };

const DUPLICATE = / : duplicate for \[/;
const ICMP = /^(.{1,80}?) from (\S+) for ICMP Echo sent to (\S+)$/;
/**
 * What of ICMP says that a request did not arrive: all kinds of unreachable (prohibited among them), time exceeded, parameter
 * problem. The rest of what fping tells of informs only: a redirect (RFC 792) names a better gateway and the request
 * goes on its way, a source quench means nothing any more (RFC 6633).
 */
const ICMP_ERROR = /Unreachable|Time Exceeded|Parameter Problem|Prohibited/i;
const UNSENT = /^(\S+): error while sending ping: (.*)$/;
/** The messages of getaddrinfo (glibc and musl) that are about one name. */
const UNRESOLVED = /^(\S+): ((?:Name|No address|Temporary failure|Non-recoverable|Address family|Try again).*)$/;

/** Reads one line of either stream; `undefined` when it says nothing of a target (blank, statistics, garbage). */
export function parseFpingLine(line: string): FpingLine | undefined {
  const colon = line.indexOf(' : ');
  if (colon <= 0) return parseError(line);
  const target = line.slice(0, colon).trimEnd();
  if (target === '' || target.includes(' ')) return parseError(line);
  if (line.charCodeAt(colon + 3) === 0x5b) return parseEvent(target, line, colon + 4);
  if (DUPLICATE.test(line)) return undefined;
  const rtts_ms: (number | null)[] = [];
  for (const text of line
    .slice(colon + 3)
    .trimEnd()
    .split(' ')) {
    const rtt_ms = text === '-' ? null : decimal(text);
    if (rtt_ms === undefined) return parseError(line);
    rtts_ms.push(rtt_ms);
  }
  return { kind: 'summary', target, rtts_ms };
}

/** The part after `[`: `0], 64 bytes, 0.045 ms (…` or `0], timed out (…`. */
function parseEvent(target: string, line: string, start: number): FpingLine | undefined {
  const bracket = line.indexOf('], ', start);
  if (bracket === -1) return undefined;
  const index = decimal(line.slice(start, bracket));
  if (index === undefined || !Number.isSafeInteger(index)) return undefined;
  if (line.startsWith('timed out', bracket + 3)) return { kind: 'timeout', target, index };
  const bytes = line.indexOf(' bytes, ', bracket + 3);
  const unit = line.indexOf(' ms', bytes + 8);
  if (bytes === -1 || unit === -1) return undefined;
  const rtt_ms = decimal(line.slice(bytes + 8, unit));
  return rtt_ms === undefined ? undefined : { kind: 'reply', target, index, rtt_ms };
}

function parseError(line: string): FpingLine | undefined {
  if (!line.includes(': ') && !line.includes('ICMP')) return undefined;
  const icmp = ICMP.exec(line);
  if (icmp !== null) {
    if (!ICMP_ERROR.test(icmp[1]!)) return undefined;
    return { kind: 'icmp', target: icmp[3]!, message: `${icmp[1]!} from ${icmp[2]!}` };
  }
  const unsent = UNSENT.exec(line);
  if (unsent !== null) return { kind: 'unsent', target: unsent[1]!, message: unsent[2]! };
  const unresolved = UNRESOLVED.exec(line);
  if (unresolved !== null) return { kind: 'unresolved', target: unresolved[1]!, message: unresolved[2]! };
  return undefined;
}

/** fping prints `%.0f`, `%.1f`, `%.2f`, `%.3g` or, under a microsecond, `%g` with an exponent. */
const DECIMAL = /^\d+(?:\.\d+)?(?:e[+-]?\d{1,3})?$/;

function decimal(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * The longest line that is kept while its end is awaited: names have at most 253 characters, a summary 20 values.
 * A longer one is no line of fping's and is dropped, so that a stream without line ends cannot fill the memory.
 */
const LINE_MAX = 4096;

/** Cuts a stream of chunks into lines, wherever the chunks were cut. */
export class LineSplitter {
  #rest = '';
  #overlong = false;

  /** The lines that this chunk completes, without their ends. */
  push(chunk: string): string[] {
    const lines = chunk.split('\n');
    const last = lines.pop() ?? '';
    const first = lines[0];
    if (first === undefined) {
      this.#keep(this.#rest + last);
      return [];
    }
    lines[0] = this.#rest + first;
    if (this.#overlong || lines[0].length > LINE_MAX) lines.shift();
    this.#overlong = false;
    this.#rest = '';
    this.#keep(last);
    return lines;
  }

  #keep(rest: string): void {
    if (rest.length > LINE_MAX) this.#overlong = true;
    this.#rest = this.#overlong ? '' : rest;
  }
}
