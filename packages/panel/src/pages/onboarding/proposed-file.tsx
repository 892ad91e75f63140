import type { ProposedFile } from '@sluice/contract';
import { onboarding as text } from '../../text/onboarding.ts';
import { Checkbox, TextArea } from '../../ui/field.tsx';
import { Note } from '../../ui/notes.tsx';

/** What a person decided about one proposed file. */
export interface Choice {
  readonly included: boolean;
  readonly text: string;
  readonly alternative: boolean;
}

export const firstChoice = (file: ProposedFile): Choice => ({
  included: true,
  text: file.text,
  alternative: false,
});

/** A proposed file: why, its text to be changed, and the other way of writing it. */
export function ProposedFileForm({
  file,
  choice,
  onChange,
}: {
  file: ProposedFile;
  choice: Choice;
  onChange: (choice: Choice) => void;
}) {
  const { alternative } = file;
  const choose = (isAlternative: boolean) =>
    onChange({
      ...choice,
      alternative: isAlternative,
      text: isAlternative && alternative !== null ? alternative.text : file.text,
    });
  const reason = choice.alternative && alternative !== null ? alternative.reason : file.reason;
  return (
    <div className="flex flex-col gap-3 rounded-md border border-line p-3">
      <Checkbox
        label={text.include(file.path)}
        hint={
          <>
            {reason}
            {file.exists && ` ${text.replaces}`}
          </>
        }
        checked={choice.included}
        onChange={(included) => onChange({ ...choice, included })}
      />
      {alternative !== null && (
        <fieldset className="flex flex-col gap-1.5 text-sm">
          <legend className="mb-1 font-medium">{text.deployForm}</legend>
          {[false, true].map((isAlternative) => (
            <label key={String(isAlternative)} className="flex items-center gap-2">
              <input
                type="radio"
                name={`deploy-form-${file.path}`}
                checked={choice.alternative === isAlternative}
                onChange={() => choose(isAlternative)}
                className="size-4 accent-(--c-accent)"
              />
              {isAlternative ? alternative.title : text.withoutToken}
            </label>
          ))}
        </fieldset>
      )}
      {choice.alternative && alternative?.needs_token && <Note>{text.tokenMade}</Note>}
      <TextArea
        label={file.path}
        value={choice.text}
        onChange={(value) => onChange({ ...choice, text: value })}
        disabled={!choice.included}
        rows={Math.min(20, Math.max(3, choice.text.split('\n').length))}
      />
    </div>
  );
}
