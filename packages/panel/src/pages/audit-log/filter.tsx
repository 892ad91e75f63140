import { type FormEvent, useState } from 'react';
import { auditText as text } from '../../text/audit.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { type AuditSearch, auditSearch, FIELDS } from './search.ts';

const LABELS: Readonly<Record<(typeof FIELDS)[number], string>> = {
  text: text.text,
  actor: text.actor,
  action: text.action,
  target: text.target,
  since: text.since,
  until: text.until,
};
const HINTS: Partial<Record<(typeof FIELDS)[number], string>> = {
  text: text.textHint,
  action: text.actionHint,
  target: text.targetHint,
};

export function Filter({
  search,
  onChange,
}: {
  search: AuditSearch;
  onChange: (search: AuditSearch) => void;
}) {
  const [typed, setTyped] = useState(search);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange(auditSearch({ ...typed }));
  };
  return (
    <form aria-label={text.filter} onSubmit={submit} className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {FIELDS.map((field) => (
          <TextField
            key={field}
            label={LABELS[field]}
            {...(HINTS[field] === undefined ? {} : { hint: HINTS[field] })}
            type={field === 'since' || field === 'until' ? 'date' : 'search'}
            value={typed[field] ?? ''}
            onChange={(value) => setTyped((all) => ({ ...all, [field]: value }))}
            autoComplete="off"
          />
        ))}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" type="submit">
          {text.filter}
        </Button>
        {Object.keys(search).length > 0 && (
          <Button onClick={() => onChange({})}>{text.clear}</Button>
        )}
      </div>
    </form>
  );
}
