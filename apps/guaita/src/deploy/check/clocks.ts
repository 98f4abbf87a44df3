import type { Finding } from '../../doctor/finding.ts';
import type { StackState } from '../swarm.ts';

/** Swarm's own word comes within this; more is a clock that is wrong. */
const LEAST_SKEW_s = 30;

/**
 * Do the hosts' clocks agree? Each host puts its own time on what its containers do, and the Swarm's leader its own when
 * it hears of it. The leader may hear of it late, or write for another reason: so the least difference counts. Pure.
 */
export function clockFindings({ nodes, tasks }: StackState): Finding[] {
  const findings = nodes.flatMap(({ ID, Description: { Hostname } }): Finding[] => {
    const differences = tasks
      .filter(({ NodeID, Status }) => NodeID === ID && Status.State === 'running')
      .map(({ UpdatedAt, Status }) => (Date.parse(UpdatedAt) - Date.parse(Status.Timestamp)) / 1000)
      .filter((difference) => !Number.isNaN(difference));
    if (differences.length === 0) return [];
    const behind = differences.reduce((least, each) => (Math.abs(each) < Math.abs(least) ? each : least));
    if (Math.abs(behind) < LEAST_SKEW_s) return [];
    const detail = `the clock of ${Hostname} seems ${Math.round(Math.abs(behind))} s ${behind > 0 ? 'behind' : 'ahead of'} the Swarm’s leader`;
    const mend = 'See to NTP there (timedatectl); AntidoteDB answers with nothing where a clock goes back.';
    return [{ check: 'clocks', level: 'warning', detail, mend }];
  });
  if (findings.length > 0 || tasks.length === 0) return findings;
  return [{ check: 'clocks', level: 'ok', detail: 'the hosts’ clocks agree, as far as their containers tell' }];
}
