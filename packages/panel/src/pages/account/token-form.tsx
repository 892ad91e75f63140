import type { AccessTokenCreate, AccessTokenCreated } from '@sluice/contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { overviewQuery } from '../../api/overview.ts';
import { accountText, actionText } from '../../text/account.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox, SelectField, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { CHOOSABLE, EXPIRIES, expiryTime, PRESETS, type Preset, toScopes } from './token-scopes.ts';

const PRESET_TEXTS: Readonly<Record<Preset, string>> = {
  everything: accountText.mayEverything,
  read: accountText.mayRead,
  deploy: accountText.mayDeploy,
  push: accountText.mayPush,
  chosen: accountText.mayChosen,
};

/** What a new token is for, what it may do and how long. `user`: for somebody else, such as a machine user. */
export function TokenForm({
  user,
  onMade,
}: {
  user?: string;
  onMade: (token: AccessTokenCreated) => void;
}) {
  const [name, setName] = useState('');
  const [preset, setPreset] = useState<Preset>('everything');
  const [actions, setActions] = useState<ReadonlySet<string>>(new Set());
  const [isLimited, setLimited] = useState(false);
  const [applications, setApplications] = useState<ReadonlySet<string>>(new Set());
  const [days, setDays] = useState('90');
  const make = useMutation({
    mutationFn: (body: AccessTokenCreate) => api.tokens.create(body),
    onSuccess: onMade,
  });
  const isEverything = preset === 'everything';
  const hasWhere = !isEverything && isLimited;
  const lacksActions = preset === 'chosen' && actions.size === 0;
  const lacksApplications = hasWhere && applications.size === 0;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (lacksActions || lacksApplications) return;
    make.mutate({
      name,
      scopes: toScopes(preset, [...actions], hasWhere ? [...applications] : null),
      expires_at: expiryTime(days, new Date()),
      ...(user === undefined ? {} : { user }),
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ErrorNote error={make.error} />
      <TextField
        label={accountText.tokenName}
        hint={accountText.tokenNameHint}
        value={name}
        onChange={setName}
        maxLength={100}
        autoFocus
        required
      />
      <SelectField
        label={accountText.tokenMay}
        value={preset}
        onChange={(chosen) => setPreset(PRESETS.find((one) => one === chosen) ?? 'everything')}
      >
        {PRESETS.map((one) => (
          <option key={one} value={one}>
            {PRESET_TEXTS[one]}
          </option>
        ))}
      </SelectField>
      {preset === 'chosen' && (
        <Choices
          legend={accountText.tokenActions}
          choices={CHOOSABLE.map((action) => [action, actionText[action] ?? action])}
          chosen={actions}
          onChange={setActions}
          isMissing={lacksActions}
        />
      )}
      {!isEverything && (
        <SelectField
          label={accountText.tokenWhere}
          value={isLimited ? 'chosen' : 'all'}
          onChange={(where) => setLimited(where === 'chosen')}
        >
          <option value="all">{accountText.everywhere}</option>
          <option value="chosen">{accountText.inChosen}</option>
        </SelectField>
      )}
      {hasWhere && (
        <Applications
          chosen={applications}
          onChange={setApplications}
          isMissing={lacksApplications}
        />
      )}
      <SelectField label={accountText.expires} value={days} onChange={setDays}>
        {EXPIRIES.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </SelectField>
      <Button kind="primary" type="submit" busy={make.isPending}>
        {accountText.makeToken}
      </Button>
    </form>
  );
}

interface Choice {
  readonly chosen: ReadonlySet<string>;
  readonly onChange: (chosen: ReadonlySet<string>) => void;
  readonly isMissing: boolean;
}

function Applications(choice: Choice) {
  const { data } = useQuery(overviewQuery);
  const choices = (data?.applications ?? []).map(({ uuid, name }) => [uuid, name] as const);
  return <Choices legend={accountText.chooseApplications} choices={choices} {...choice} />;
}

function Choices({
  legend,
  choices,
  chosen,
  onChange,
  isMissing,
}: Choice & { legend: string; choices: readonly (readonly [string, string])[] }) {
  const toggle = (value: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(value);
    else next.delete(value);
    onChange(next);
  };
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1 text-sm font-medium">{legend}</legend>
      {choices.map(([value, text]) => (
        <Checkbox
          key={value}
          label={text}
          checked={chosen.has(value)}
          onChange={(isChosen) => toggle(value, isChosen)}
        />
      ))}
      {isMissing && <p className="text-xs text-muted">{accountText.chooseSomething}</p>}
    </fieldset>
  );
}
