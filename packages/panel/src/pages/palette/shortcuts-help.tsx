import { Fragment, useState } from 'react';
import { APPLICATION_PLACES, PLACES, type Place } from '../../shell/places.ts';
import { setSingleKeys, usesSingleKeys } from '../../shell/single-keys.ts';
import { palette as text } from '../../text/palette.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Checkbox } from '../../ui/field.tsx';

type Shortcut = readonly [keys: readonly string[], what: string];

const goTo = (places: readonly Place[]): Shortcut[] =>
  places.map(({ letter, text: what }) => [['g', letter], what]);

/** Everything that can be pressed, and the switch that turns single keys off. */
export default function ShortcutsHelp({ onClose }: { onClose: () => void }) {
  const [single, setSingle] = useState(usesSingleKeys);
  return (
    <Dialog title={text.shortcutsTitle} onClose={onClose}>
      <div className="flex flex-col gap-5">
        <Shortcuts
          title={text.everywhere}
          shortcuts={[
            [['Ctrl K'], text.openPalette],
            ...(single
              ? ([
                  [['/'], text.openPalette],
                  [['?'], text.showHelp],
                ] as const)
              : []),
          ]}
        />
        {single && <Shortcuts title={text.goTo} shortcuts={goTo(PLACES)} />}
        {single && <Shortcuts title={text.inApplication} shortcuts={goTo(APPLICATION_PLACES)} />}
        <Checkbox
          label={text.single}
          hint={text.singleHint}
          checked={single}
          onChange={(on) => {
            setSingleKeys(on);
            setSingle(on);
          }}
        />
      </div>
    </Dialog>
  );
}

function Shortcuts({ title, shortcuts }: { title: string; shortcuts: readonly Shortcut[] }) {
  return (
    <section>
      <h3 className="mb-2 text-sm font-semibold">{title}</h3>
      <dl className="grid grid-cols-[1fr_max-content] gap-x-4 gap-y-1.5 text-sm">
        {shortcuts.map(([pressed, what]) => (
          <Fragment key={pressed.join(' ')}>
            <dt>{what}</dt>
            <dd className="text-right">
              {pressed.map((key, index) => (
                <Fragment key={key}>
                  {index > 0 && <span className="text-xs text-muted"> {text.thenKey} </span>}
                  <kbd className="rounded border border-edge bg-raised px-1.5 py-0.5 font-sans text-xs">
                    {key}
                  </kbd>
                </Fragment>
              ))}
            </dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
