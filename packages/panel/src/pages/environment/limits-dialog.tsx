import type { Environment, EnvironmentLimits, Limit } from '@sluice/contract';
import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { limits as text } from '../../text/limits.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { LIMIT_KINDS, type LimitKind, limitText, UNIT } from './limit-values.ts';

/** What somebody wants of one limit: `default`, `none` or a number of its unit. */
interface Wish {
  readonly how: string;
  readonly amount: string;
}

const wishOf = (kind: LimitKind, { own, value }: Limit): Wish => ({
  how: own === null ? 'default' : own === 0 ? 'none' : 'own',
  amount: value === null ? '' : String(Math.round((value / UNIT[kind]) * 100) / 100),
});

const wishedOwn = (kind: LimitKind, { how, amount }: Wish): number | null =>
  how === 'default' ? null : how === 'none' ? 0 : Math.round(Number(amount) * UNIT[kind]);

export function LimitsDialog({
  environment: { uuid, slug },
  limits,
  onClose,
}: {
  environment: Environment;
  limits: EnvironmentLimits;
  onClose: () => void;
}) {
  /** What somebody has touched; the rest stays exactly as it is. */
  const [wishes, setWishes] = useState<Partial<Record<LimitKind, Wish>>>({});
  const say = useToast();
  const save = useControl(
    () =>
      api.environments.update(uuid, {
        limits: Object.fromEntries(
          LIMIT_KINDS.flatMap((kind) => {
            const wish = wishes[kind];
            return wish === undefined ? [] : [[kind, wishedOwn(kind, wish)]];
          }),
        ),
      }),
    () => {
      onClose();
      say(text.saved);
    },
  );
  const complaint = (kind: LimitKind): string | undefined =>
    save.error instanceof ApiError ? save.error.fields[`limits.${kind}`]?.join(' ') : undefined;
  return (
    <FormDialog
      title={text.changeOf(slug)}
      action={text.change}
      busy={save.isPending}
      onSubmit={() => save.mutate(undefined)}
      onClose={onClose}
    >
      {LIMIT_KINDS.map((kind) => (
        <LimitFields
          key={kind}
          kind={kind}
          limit={limits[kind]}
          wish={wishes[kind] ?? wishOf(kind, limits[kind])}
          error={complaint(kind)}
          onChange={(wish) => setWishes({ ...wishes, [kind]: wish })}
        />
      ))}
      <p className="text-sm text-muted">{text.later}</p>
      {LIMIT_KINDS.every((kind) => complaint(kind) === undefined) && (
        <ErrorNote error={save.error} />
      )}
    </FormDialog>
  );
}

function LimitFields({
  kind,
  limit,
  wish,
  error,
  onChange,
}: {
  kind: LimitKind;
  limit: Limit;
  wish: Wish;
  error: string | undefined;
  onChange: (wish: Wish) => void;
}) {
  const name = text.kinds[kind];
  return (
    <div className="grid grid-cols-[1fr_8rem] items-start gap-3">
      <SelectField
        label={text.wish(name)}
        hint={limit.max === null ? undefined : text.most(limitText(kind, limit.max))}
        error={error}
        value={wish.how}
        onChange={(how) => onChange({ ...wish, how })}
      >
        <option value="default">{text.asDefault(limitText(kind, limit.default))}</option>
        {limit.max === null && <option value="none">{text.without}</option>}
        <option value="own">{text.own}</option>
      </SelectField>
      {wish.how === 'own' && (
        <TextField
          label={text.units[kind]}
          aria-label={`${name}: ${text.units[kind]}`}
          type="number"
          min={0}
          step="any"
          value={wish.amount}
          onChange={(amount) => onChange({ ...wish, amount })}
          required
        />
      )}
    </div>
  );
}
