import type { EnvironmentLine, EnvironmentVariable } from '@sluice/contract';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { variables as text } from '../../text/variables.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { Checkbox, TextArea } from '../../ui/field.tsx';
import { ErrorNote, errorText } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { type Assignment, parseDotenv } from './dotenv.ts';

/** Sets many variables at once, and says beforehand which are new and which change. */
export function PasteDialog({
  environment,
  present,
  onChanged,
  onClose,
}: {
  environment: EnvironmentLine;
  present: readonly EnvironmentVariable[];
  onChanged: () => void;
  onClose: () => void;
}) {
  const [pasted, setPasted] = useState('');
  const [isSensitive, setSensitive] = useState(true);
  const say = useToast();
  const { assignments, problems } = parseDotenv(pasted);
  const { added, changed, same } = compare(assignments, present);
  const wanted = [...added, ...changed];
  const set = useControl(
    () => setAll(environment.uuid, wanted, present, isSensitive),
    (count) => {
      onChanged();
      onClose();
      say(text.pasted(count));
    },
  );
  const names = (all: readonly Assignment[]) => all.map(({ name }) => name);
  return (
    <FormDialog
      title={text.pasteTitle(environment.slug)}
      action={text.pasteAction(wanted.length)}
      busy={set.isPending}
      disabled={wanted.length === 0 || problems.length > 0}
      onSubmit={() => set.mutate(undefined)}
      onClose={onClose}
    >
      <TextArea
        label={text.pasteLabel}
        hint={text.pasteHint}
        value={pasted}
        onChange={setPasted}
        rows={10}
        autoComplete="off"
      />
      <Checkbox
        label={text.pasteSensitive}
        hint={text.sensitiveHint}
        checked={isSensitive}
        onChange={setSensitive}
      />
      <div aria-live="polite" className="flex flex-col gap-1 text-sm break-words">
        {problems.map(({ line, problem }) => (
          <p key={line} className="text-bad">
            {text.line(line, text.problems[problem])}
          </p>
        ))}
        {added.length > 0 && <p>{text.pasteNew(names(added))}</p>}
        {changed.length > 0 && <p>{text.pasteChanged(names(changed))}</p>}
        {same.length > 0 && <p className="text-muted">{text.pasteSame(names(same))}</p>}
        {pasted.trim() !== '' && assignments.length === 0 && problems.length === 0 && (
          <p className="text-muted">{text.pasteNothing}</p>
        )}
      </div>
      <ErrorNote error={set.error} />
    </FormDialog>
  );
}

/** A hidden value may be the same, but nobody can know: it is set again. */
function compare(assignments: readonly Assignment[], present: readonly EnvironmentVariable[]) {
  const before = new Map(present.map((variable) => [variable.name, variable]));
  const isSame = ({ name, value }: Assignment) => before.get(name)?.value === value;
  return {
    added: assignments.filter(({ name }) => !before.has(name)),
    changed: assignments.filter((one) => before.has(one.name) && !isSame(one)),
    same: assignments.filter(isSame),
  };
}

/** One after the other; what was set before one is refused stays set, and the error says so. */
async function setAll(
  environment: string,
  wanted: readonly Assignment[],
  present: readonly EnvironmentVariable[],
  isSensitive: boolean,
): Promise<number> {
  for (const [index, { name, value }] of wanted.entries()) {
    const before = present.find((variable) => variable.name === name);
    const marks = { is_sensitive: isSensitive || before?.is_sensitive === true };
    try {
      if (before === undefined) await api.variables.create({ environment, name, value, ...marks });
      else await api.variables.update(before.uuid, { value, ...marks });
    } catch (error) {
      throw new Error(`${text.pasteStopped(index, name)}\n${errorText(error)}`);
    }
  }
  return wanted.length;
}
