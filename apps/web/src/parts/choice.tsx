import type { JSX } from 'preact';

export interface ChoiceProps {
  readonly id: string;
  /** Read out, not seen. */
  readonly label: string;
  readonly value: string;
  /** Each value and what it is called. */
  readonly options: readonly (readonly [string, string])[];
  readonly onChange: (value: string) => void;
}

/** One of a list; a value that is none of it, as an address may say, stands first. */
export function Choice({ id, label, value, options, onChange }: ChoiceProps): JSX.Element {
  const isKnown = options.some(([known]) => known === value);
  return (
    <>
      <label class="unseen" for={id}>
        {label}
      </label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {!isKnown && <option value={value}>{value}</option>}
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
    </>
  );
}

/** The options of a choice that may be left open. */
export function withAny(name: string, values: readonly string[]): (readonly [string, string])[] {
  return [['', name], ...values.map((value) => [value, value] as const)];
}
