import type { JSX } from 'preact';
import { scopeInWords } from '../network/silences.ts';
import type { SilenceRow } from '../network/rows.ts';
import { useLive } from '../page.ts';
import { At } from '../parts/moment.tsx';
import { OrderButton } from './order-forms.tsx';

export interface SilenceListProps {
  readonly silences: readonly SilenceRow[];
  readonly now_ms: number;
}

/** What is silenced, by whom, until when and why; who may ends it. */
export function SilenceList({ silences, now_ms }: SilenceListProps): JSX.Element {
  const { network, mayCommand } = useLive();
  return (
    <ul class="list silences">
      {silences.map((silence) => (
        <li key={silence.id}>
          <span class="list-main">
            {scopeInWords(network, silence)}
            <span class="list-note">
              Silenced by {silence.by} until <At at_ms={silence.until_ms} now_ms={now_ms} />: {silence.why}
            </span>
          </span>
          {mayCommand && (
            <OrderButton
              verb="silence/remove"
              body={{ silences: [silence.id] }}
              done="It is ended."
              label={`End the silence of ${scopeInWords(network, silence)}`}
            >
              End
            </OrderButton>
          )}
        </li>
      ))}
    </ul>
  );
}
