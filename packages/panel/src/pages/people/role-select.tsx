import { peopleText as text } from '../../text/people.ts';

export const ROLE_NAMES = ['owner', 'admin', 'deployer', 'collaborator'] as const;

/** A role within a row of a table, where a label stands in the head. */
export function RoleSelect({
  label,
  value,
  mayOwn,
  disabled,
  onChange,
}: {
  label: string;
  value: string;
  /** Whether this person may make owners. */
  mayOwn: boolean;
  disabled: boolean;
  onChange: (role: string) => void;
}) {
  return (
    <select
      aria-label={label}
      value={value}
      disabled={disabled}
      onChange={(event) => onChange(event.target.value)}
      className="min-h-9 rounded-md border border-edge bg-surface px-2 py-1 text-sm text-ink disabled:opacity-60"
    >
      {ROLE_NAMES.filter((role) => mayOwn || role !== 'owner' || value === 'owner').map((role) => (
        <option key={role} value={role}>
          {text.roles[role]}
        </option>
      ))}
    </select>
  );
}
