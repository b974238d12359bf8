import { TextInput } from '@mantine/core';

interface MomentRangeProps {
  /** As `datetime-local` inputs give them; '': no bound. */
  readonly from: string;
  readonly to: string;
  readonly onChange: (bound: { readonly from: string } | { readonly to: string }) => void;
}

/** Two moments of the reader's own time zone, of which the second must be later. */
export function MomentRange({ from, to, onChange }: MomentRangeProps) {
  const isBackwards = from !== '' && to !== '' && Date.parse(from) >= Date.parse(to);
  return (
    <>
      <TextInput
        label="From"
        type="datetime-local"
        value={from}
        onChange={(event) => onChange({ from: event.currentTarget.value })}
      />
      <TextInput
        label="Until"
        type="datetime-local"
        value={to}
        onChange={(event) => onChange({ to: event.currentTarget.value })}
        error={isBackwards ? 'It must be later than From' : null}
      />
    </>
  );
}
