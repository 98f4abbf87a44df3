/** From and up to, the end left out. */
export interface Span {
  readonly from_ms: number;
  readonly to_ms: number;
}

/** What was seen of a device in an hour. */
export interface Hour {
  readonly loss_percent: number;
  /** Of what came back, if anything did. */
  readonly rtt_avg_ms: number | null;
}

/** A device’s loss over a span. */
export interface Worst {
  readonly device: string;
  readonly loss_percent: number;
}

/** A store that is asked, all that is between included: HTTP, or a pipe. */
export interface Answers {
  /** The graph of one device, by the hour. */
  series(device: number, span: Span): Promise<readonly Hour[]>;
  /** The 20 devices with most loss, the worst first. */
  worst(span: Span): Promise<readonly Worst[]>;
}

export const HOUR_ms = 3_600_000;
export const WORST = 20;

export function hoursOf({ from_ms, to_ms }: Span): number {
  return (to_ms - from_ms) / HOUR_ms;
}

/** @throws with what is said when it is no answer. */
export async function getJson<Body>(url: URL): Promise<Body> {
  const response = await fetch(url);
  const body = await response.text();
  if (!response.ok) throw new Error(`${url.href}: HTTP ${response.status}: ${body.slice(0, 300)}`);
  return JSON.parse(body) as Body;
}
