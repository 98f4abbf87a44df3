import { Fragment, type JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { readPoll, type Poll } from '../network/snmp.ts';
import { usePage } from '../page.ts';
import { Ago } from '../parts/moment.tsx';
import { Panel } from '../parts/panel.tsx';
import { percent } from '../units/figures.ts';
import { duration } from '../units/times.ts';

/** Listens to the polls of this device alone: they are long, and nobody else on the page needs them. */
export function useNewestPoll(device: string): Poll | undefined {
  const page = usePage();
  const [poll, setPoll] = useState<Poll | undefined>();
  useEffect(() => {
    const suffix = `/snmp/${device}`;
    return page.listen(`monitor/+/snmp/${device}`, (topic, payload) => {
      if (!topic.endsWith(suffix) || !topic.startsWith('monitor/')) return;
      const heard = readPoll(payload);
      if (heard !== undefined) setPoll((last) => (last === undefined || heard.at_ms >= last.at_ms ? heard : last));
    });
  }, [page, device]);
  return poll;
}

/** What a device says of itself by SNMP. */
export function DeviceSelf({ poll, now_ms }: { readonly poll: Poll; readonly now_ms: number }): JSX.Element {
  const facts: (readonly [string, string])[] = [...poll.facts];
  if (poll.uptime_s !== undefined) facts.push(['Running for', duration(poll.uptime_s * 1000)]);
  if (poll.cpu_percent !== undefined) facts.push(['Processors', `${percent(poll.cpu_percent)} busy`]);
  if (poll.memoryUsed_percent !== undefined) facts.push(['Memory', `${percent(poll.memoryUsed_percent)} used`]);
  for (const { name, value, unit } of poll.sensors) facts.push([name, `${value} ${unit}`]);
  return (
    <Panel
      title="What it says of itself"
      aside={
        <>
          polled <Ago at_ms={poll.at_ms} now_ms={now_ms} /> ago
        </>
      }
    >
      {poll.state !== 'up' && <p class="remark">SNMP: {poll.reason ?? poll.state}</p>}
      <dl class="facts wide">
        {facts.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
    </Panel>
  );
}
