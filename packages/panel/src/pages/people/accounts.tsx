import type { AccountLine } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { accountsQuery } from '../../api/people.ts';
import { common } from '../../text/common.ts';
import { peopleText as text } from '../../text/people.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { AccountDialog } from './account-dialog.tsx';
import { LastSeen, nameOf, signsInWith, Who } from './who.tsx';

/** Every person's account on the installation, for its administrators. */
export function Accounts() {
  const accounts = useQuery(accountsQuery(false));
  const [opened, setOpened] = useState<string | null>(null);
  const all = accounts.data?.results ?? [];
  // As it is now, not as it was when it was opened.
  const account = all.find(({ uuid }) => uuid === opened);
  return (
    <Section title={text.accounts}>
      <p className="mb-3 text-sm text-muted">{text.accountsText}</p>
      <ErrorNote error={accounts.error} retry={() => void accounts.refetch()} />
      {accounts.isPending && <Loading />}
      {accounts.data && (
        <Table
          caption={text.accountList}
          rows={all}
          rowKey={({ uuid }) => uuid}
          columns={[
            { title: text.name, cell: (line) => <Who account={line} /> },
            { title: text.belongsTo, wide: true, cell: (line) => belongsTo(line) },
            { title: text.lastSeen, cell: (line) => <LastSeen account={line} /> },
            { title: text.security, wide: true, cell: signsInWith },
            {
              title: text.actions,
              cell: (line) => (
                <Button
                  aria-label={text.manageOf(nameOf(line))}
                  onClick={() => setOpened(line.uuid)}
                >
                  {text.manage}
                </Button>
              ),
            },
          ]}
        />
      )}
      {account && <AccountDialog account={account} onClose={() => setOpened(null)} />}
    </Section>
  );
}

export const belongsTo = ({ organisations }: AccountLine): string =>
  organisations.length === 0
    ? common.none
    : organisations.map(({ name, role }) => `${name} (${text.roles[role] ?? role})`).join(', ');
