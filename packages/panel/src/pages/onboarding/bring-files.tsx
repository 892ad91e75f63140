import { Upload, X } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { onboarding as text } from '../../text/onboarding.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';
import { TextArea } from '../../ui/field.tsx';
import { Note } from '../../ui/notes.tsx';
import { readFiles, type Texts } from './files.ts';

/** Always offered for pasting; others come as files. */
const PASTED = ['.travis.yml', 'app.json', 'Procfile'];

/** Files of an existing project: pasted, dropped or chosen. */
export function BringFiles({
  texts,
  onChange,
}: {
  texts: Texts;
  onChange: (texts: Texts) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const chooser = useId();
  const [over, setOver] = useState(false);
  const [left, setLeft] = useState<readonly string[]>([]);
  const bring = async (files: readonly File[]) => {
    const brought = await readFiles(files);
    setLeft(brought.left);
    onChange({ ...texts, ...brought.texts });
  };
  const others = Object.keys(texts).filter((path) => !PASTED.includes(path));
  return (
    <div className="flex flex-col gap-4">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button beside it is the first */}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void bring([...event.dataTransfer.files]);
        }}
        className={classes(
          'flex flex-wrap items-center justify-center gap-3 rounded-lg border border-dashed px-4 py-6 text-sm',
          over ? 'border-accent bg-raised' : 'border-edge',
        )}
      >
        <Upload aria-hidden className="size-4 text-muted" />
        <label htmlFor={chooser}>{text.drop}</label>
        <input
          ref={input}
          id={chooser}
          type="file"
          multiple
          className="sr-only"
          onChange={(event) => void bring([...(event.target.files ?? [])])}
        />
        <Button onClick={() => input.current?.click()}>{text.choose}</Button>
      </div>
      {left.map((sentence) => (
        <Note key={sentence} tone="warn">
          {sentence}
        </Note>
      ))}
      {others.length > 0 && (
        <ul className="flex flex-wrap gap-2 text-sm" aria-label={text.dropped(others.length)}>
          {others.map((path) => (
            <li
              key={path}
              className="flex items-center gap-1 rounded-md border border-line bg-raised pl-2.5"
            >
              <code className="text-xs">{path}</code>
              <IconButton
                label={text.removeFile(path)}
                onClick={() => {
                  const { [path]: _gone, ...rest } = texts;
                  onChange(rest);
                }}
              >
                <X aria-hidden className="size-4" />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <div className="grid gap-4 lg:grid-cols-3">
        {PASTED.map((path) => (
          <TextArea
            key={path}
            label={text.paste(path)}
            value={texts[path] ?? ''}
            onChange={(value) => onChange({ ...texts, [path]: value })}
            rows={10}
          />
        ))}
      </div>
    </div>
  );
}
