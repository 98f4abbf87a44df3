import { getJson, HOUR_ms, hoursOf, WORST, type Answers, type Hour, type Span, type Worst } from './answers.ts';
import { deviceId } from './pings.ts';

interface Found {
  readonly data: {
    readonly result: readonly {
      readonly metric: { readonly device: string };
      readonly value?: [number, string];
      readonly values?: readonly [number, string][];
    }[];
  };
}

/** VictoriaMetrics or Prometheus, over the HTTP API that both have. */
export class SampleAnswers implements Answers {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Two questions at once, as a dashboard asks. */
  async series(device: number, span: Span): Promise<readonly Hour[]> {
    const of = (metric: string): Promise<Map<number, number>> =>
      this.#hours(`avg_over_time(${metric}{device="${deviceId(device)}"}[1h])`, span);
    const [loss, rtt] = await Promise.all([of('guaita_ping_loss_ratio'), of('guaita_ping_rtt_seconds')]);
    return Array.from({ length: hoursOf(span) }, (_, index) => {
      const end_s = (span.from_ms + (index + 1) * HOUR_ms) / 1000;
      const rtt_s = rtt.get(end_s);
      return { loss_percent: 100 * (loss.get(end_s) ?? NaN), rtt_avg_ms: rtt_s === undefined ? null : 1000 * rtt_s };
    });
  }

  async worst(span: Span): Promise<readonly Worst[]> {
    const url = new URL(`${this.#url}/api/v1/query`);
    const query = `topk(${WORST}, avg_over_time(guaita_ping_loss_ratio[${hoursOf(span)}h]))`;
    url.search = new URLSearchParams({ query, time: String(span.to_ms / 1000), nocache: '1' }).toString();
    const { data } = await getJson<Found>(url);
    return data.result
      .map(({ metric, value }) => ({ device: metric.device, loss_percent: 100 * Number(value?.[1]) }))
      .sort((a, b) => b.loss_percent - a.loss_percent);
  }

  /** By the end of each hour, in seconds. */
  async #hours(query: string, { from_ms, to_ms }: Span): Promise<Map<number, number>> {
    const url = new URL(`${this.#url}/api/v1/query_range`);
    const [start, end] = [(from_ms + HOUR_ms) / 1000, to_ms / 1000].map(String) as [string, string];
    // VictoriaMetrics would move the hours, so that answers can be kept for others.
    url.search = new URLSearchParams({ query, start, end, step: '3600', nocache: '1' }).toString();
    const { data } = await getJson<Found>(url);
    return new Map(data.result[0]?.values?.map(([at_s, value]) => [at_s, Number(value)]));
  }
}
