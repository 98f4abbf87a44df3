import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../http/server.ts';
import type { AlertRow } from '../network/rows.ts';
import { usePage } from '../page.ts';

/** A command on its way, and what became of it. */
interface Order {
  readonly isAsking: boolean;
  readonly problem: string;
  /** Gives the command. @returns whether it was carried out. */
  readonly give: (verb: string, body: object) => Promise<boolean>;
}

/** Gives commands over HTTP and keeps what the monitors answer. */
export function useOrder(): Order {
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState('');
  const give = async (verb: string, body: object): Promise<boolean> => {
    setAsking(true);
    setProblem('');
    try {
      await ask(`commands/${verb}`, { body });
      return true;
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      setAsking(false);
    }
  };
  return { isAsking, problem, give };
}

function Why({ id, value }: { readonly id: string; readonly value: string }): JSX.Element {
  return (
    <>
      <label for={id}>Why</label>
      <input id={id} name="why" required maxLength={500} defaultValue={value} autocomplete="off" />
    </>
  );
}

/** Takes an alert on, or gives it back. */
export function AcknowledgeForm({
  alert,
  onDone,
}: {
  readonly alert: AlertRow;
  readonly onDone: () => void;
}): JSX.Element {
  const { me } = usePage();
  const { isAsking, problem, give } = useOrder();
  const acknowledge = alert.acknowledged === undefined;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const why = new FormData(event.currentTarget as HTMLFormElement).get('why');
    if (await give('ack', { alert: alert.id, by: me.name, why, acknowledge })) onDone();
  };
  return (
    <form class="order" onSubmit={(event) => void submit(event)}>
      <Why id={`why-${alert.id}`} value={acknowledge ? 'I take care of it' : 'I no longer take care of it'} />
      <button type="submit" class="primary small" disabled={isAsking}>
        {acknowledge ? 'Acknowledge' : 'Give back'}
      </button>
      <button type="button" class="small" onClick={onDone}>
        Cancel
      </button>
      <p class="problem" role="alert">
        {problem}
      </p>
    </form>
  );
}

const LENGTHS: readonly (readonly [number, string])[] = [
  [1800, '30 minutes'],
  [3600, 'one hour'],
  [4 * 3600, 'four hours'],
  [86_400, 'one day'],
  [7 * 86_400, 'one week'],
];

/** Keeps a device's alerts from being told for a while. */
export function SilenceForm({ device, onDone }: { readonly device: string; readonly onDone: () => void }): JSX.Element {
  const { me } = usePage();
  const { isAsking, problem, give } = useOrder();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const body = { devices: [device], by: me.name, why: form.get('why'), for_s: Number(form.get('for_s')) };
    if (await give('silence/add', body)) onDone();
  };
  return (
    <form class="order" onSubmit={(event) => void submit(event)}>
      <label for="silence-length">For</label>
      <select id="silence-length" name="for_s" defaultValue="3600">
        {LENGTHS.map(([length_s, name]) => (
          <option key={length_s} value={length_s}>
            {name}
          </option>
        ))}
      </select>
      <Why id="silence-why" value="" />
      <button type="submit" class="primary small" disabled={isAsking}>
        Silence
      </button>
      <button type="button" class="small" onClick={onDone}>
        Cancel
      </button>
      <p class="problem" role="alert">
        {problem}
      </p>
    </form>
  );
}
