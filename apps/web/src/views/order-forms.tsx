import type { ComponentChildren, JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
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
function useOrder(): Order {
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

function Problem({ problem }: { readonly problem: string }): JSX.Element {
  return (
    <p class="problem" role="alert">
      {problem}
    </p>
  );
}

export interface OrderButtonProps {
  readonly verb: string;
  readonly body: object;
  /** What is said once it is carried out. */
  readonly done: string;
  /** Read out in place of what is written, where that alone does not say on what. */
  readonly label?: string;
  readonly children: ComponentChildren;
}

/** A command that needs no more words. What the monitors answer stands beside it. */
export function OrderButton({ verb, body, done, label, children }: OrderButtonProps): JSX.Element {
  const { isAsking, problem, give } = useOrder();
  const [said, setSaid] = useState('');
  const press = async (): Promise<void> => {
    setSaid('');
    if (await give(verb, body)) setSaid(done);
  };
  return (
    <>
      <button type="button" aria-label={label} disabled={isAsking} onClick={() => void press()}>
        {children}
      </button>
      <span role="status">{said}</span>
      {problem !== '' && <Problem problem={problem} />}
    </>
  );
}

interface OrderFormProps {
  readonly verb: string;
  /** The command, from what is filled in. */
  readonly body: (form: FormData) => object;
  readonly submit: string;
  readonly children: ComponentChildren;
  /** Also when it is given up. */
  readonly onDone: (isCarriedOut: boolean) => void;
}

/** A command that needs some words, or a second thought. */
function OrderForm({ verb, body, submit, children, onDone }: OrderFormProps): JSX.Element {
  const { isAsking, problem, give } = useOrder();
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (await give(verb, body(new FormData(event.currentTarget as HTMLFormElement)))) onDone(true);
  };
  return (
    <form class="order" onSubmit={(event) => void send(event)}>
      {children}
      <button type="submit" class="primary small" disabled={isAsking}>
        {submit}
      </button>
      <button type="button" class="small" onClick={() => onDone(false)}>
        Cancel
      </button>
      <Problem problem={problem} />
    </form>
  );
}

function Why({ value = '' }: { readonly value?: string }): JSX.Element {
  const id = useId();
  return (
    <>
      <label for={id}>Why</label>
      <input id={id} name="why" required maxLength={500} defaultValue={value} autocomplete="off" />
    </>
  );
}

/** Takes an alert on, or gives it back. */
export function AcknowledgeForm({ alert, onDone }: { alert: AlertRow } & Pick<OrderFormProps, 'onDone'>): JSX.Element {
  const { me } = usePage();
  const acknowledge = alert.acknowledged === undefined;
  return (
    <OrderForm
      verb="ack"
      body={(form) => ({ alert: alert.id, by: me.name, why: form.get('why'), acknowledge })}
      submit={acknowledge ? 'Acknowledge' : 'Give back'}
      onDone={onDone}
    >
      <Why value={acknowledge ? 'I take care of it' : 'I no longer take care of it'} />
    </OrderForm>
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
export function SilenceForm({ device, onDone }: { device: string } & Pick<OrderFormProps, 'onDone'>): JSX.Element {
  const { me } = usePage();
  const id = useId();
  return (
    <OrderForm
      verb="silence/add"
      body={(form) => ({
        ...{ devices: [device], by: me.name, why: form.get('why') },
        for_s: Number(form.get('for_s')),
      })}
      submit="Silence"
      onDone={onDone}
    >
      <label for={id}>For</label>
      <select id={id} name="for_s" defaultValue="3600">
        {LENGTHS.map(([length_s, name]) => (
          <option key={length_s} value={length_s}>
            {name}
          </option>
        ))}
      </select>
      <Why />
    </OrderForm>
  );
}

/** Makes a service of the host known until it is removed. */
export function ServiceForm({ onDone }: Pick<OrderFormProps, 'onDone'>): JSX.Element {
  return (
    <OrderForm verb="services/add" body={serviceIn} submit="Add" onDone={onDone}>
      <Field label="Type" name="type" required maxLength={15} placeholder="http" />
      <Field label="Name" name="name" required maxLength={63} placeholder="wiki" />
      <Field label="Port" name="port" required type="number" min={1} max={65_535} placeholder="8080" />
      <Field label="Address" name="address" maxLength={253} placeholder="the monitor’s host" />
      <Field label="Description" name="description" maxLength={200} />
    </OrderForm>
  );
}

function serviceIn(form: FormData): object {
  const said = (field: string): string => {
    const value = form.get(field);
    return typeof value === 'string' ? value.trim() : '';
  };
  const address = said('address');
  return {
    ...{ type: said('type'), name: said('name'), port: Number(said('port')), description: said('description') },
    ...(address === '' ? {} : { address }),
  };
}

function Field({ label, ...input }: { label: string } & JSX.IntrinsicElements['input']): JSX.Element {
  const id = useId();
  return (
    <>
      <label for={id}>{label}</label>
      <input id={id} autocomplete="off" {...input} />
    </>
  );
}

/** Purges all that a dead monitor left, once somebody has read what that means. */
export function ForgetForm({ monitor, onDone }: { monitor: string } & Pick<OrderFormProps, 'onDone'>): JSX.Element {
  const id = useId();
  return (
    <OrderForm
      verb="monitors/forget"
      body={(form) => ({ monitor, with_devices: form.get('with_devices') !== null })}
      submit={`Forget ${monitor}`}
      onDone={onDone}
    >
      <p>
        All that {monitor} left is purged at every monitor. It cannot be undone: should it come back, it is a new
        monitor.
      </p>
      <label for={id}>
        <input id={id} type="checkbox" name="with_devices" /> Also the devices that stand in its inventory files alone
      </label>
    </OrderForm>
  );
}
