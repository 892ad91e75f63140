export const repository = {
  title: 'Repository',
  hosted: 'Sluice hosts the repository of this application.',
  hostedHint:
    'The code can stay on GitHub, GitLab, Gitea, Forgejo, Bitbucket or any git server instead. Sluice then keeps a mirror of it; builds, keys and deployments stay.',
  connect: 'Connect an outside repository',
  address: 'Address',
  addressHint: 'Such as https://github.com/acme/shop.git or git@github.com:acme/shop.git.',
  username: 'User name',
  usernameHint: 'For https, only where the host wants one.',
  token: 'Token',
  tokenHint: 'For https with a private repository. It is kept sealed and never shown again.',
  replace: 'Let the branches of the hosted repository give way',
  replaceHint: 'Those at the address take their place. Commits that were deployed are kept.',
  connectAction: 'Connect',
  connected: 'Connected; it is fetched now.',
  move: 'Change the address',
  moveHint: 'Of the same repository, where it is now. Another host gets none of the credentials.',
  moved: 'Changed; it is fetched from there now.',
  movedFrom: (from: string) =>
    `Its host renamed it: it was at ${from}. Its webhook goes on as it is.`,
  movedTo: (to: string) => `Its host says that it is at ${to} now.`,
  acceptMove: 'Use this address',
  disconnect: 'Host it here',
  disconnectText:
    'Sluice hosts what was fetched last, and people push here from now on. The credentials and the webhook are forgotten.',
  disconnected: 'The repository is hosted here now.',
  follows: 'Mirrors',
  branch: 'Default branch',
  access: 'Access',
  accessPublic: 'public',
  accessToken: (username: string | null) => (username === null ? 'token' : `token of ${username}`),
  accessKey: (type: string) => `deploy key (${type})`,
  fetched: 'Fetched',
  tried: 'Last try',
  never: 'never',
  next: 'Next look',
  nextByWebhook: 'by webhook or when asked',
  fetch: 'Fetch now',
  fetchDone: 'Fetched.',
  failing: (failures: number) =>
    failures === 1 ? 'The last fetch failed.' : `The last ${failures} fetches failed.`,
  missing: (environment: string, branch: string) =>
    `${environment} tracks ${branch}, which is not there.`,
  rewritten: (ref: string, before: string) =>
    `${ref.replace('refs/heads/', '')} was rewritten at the host; it stood at ${before.slice(0, 10)}.`,
  key: 'Deploy key',
  keyHint: 'Add it at the host as a deploy key; reading is enough.',
  keyNew: 'Make a new key',
  keyNewText:
    'The key that is there stops working at once: nothing is fetched until the new one is added at the host.',
  keyMade: 'Made. Add it at the host in place of the old one.',
  hostKeyOffered: (host: string, fingerprint: string) =>
    `${host} shows another key than before (${fingerprint}) and is refused. Accept it only if the host really changed its key.`,
  accept: 'Accept this key',
  acceptText: (host: string, fingerprint: string) =>
    `Compare it with what the host publishes. From then on whoever has the key ${fingerprint} is taken for ${host}.`,
  hostKeys: 'Keys of the ssh host',
  hostKeysHint: 'Remembered when the host was first met; compare them with what it publishes.',
  host: 'Host',
  keyType: 'Type',
  fingerprint: 'Fingerprint',
  tokenSet: 'Set a token',
  tokenReplace: 'Replace the token',
  tokenRemove: 'Remove the token',
  tokenRemoveText:
    'The repository is fetched without one from then on, which works only where it is public.',
  tokenSaved: 'Saved; it is fetched with it now.',
  tokenRemoved: 'Removed.',
  accepted: 'Accepted; it is fetched again.',
  webhook: 'Webhook',
  webhookNone:
    'Without a webhook the host is looked at every few minutes, and whenever a deployment is asked for. With one, pushes and pull requests are known at once.',
  webhookMake: 'Make a webhook',
  webhookNew: 'Make a new secret',
  webhookNewText:
    'Deliveries signed with the old secret are refused from now on, until the new one is entered at the host.',
  webhookRemove: 'Remove the webhook',
  webhookRemoveText:
    'Its address answers no more and its secret is forgotten. Pushes are then noticed by looking every few minutes.',
  webhookRemoved: 'The webhook is removed.',
  webhookKind: 'Kind of host',
  kinds: {
    github: 'GitHub',
    gitlab: 'GitLab',
    gitea: 'Gitea or Forgejo',
    bitbucket: 'Bitbucket',
    generic: 'Another one',
  },
  webhookAddress: 'Address to enter at the host',
  webhookSecret: 'Secret, shown this once',
  instructions: {
    github:
      'Settings → Webhooks → Add webhook. Content type application/json; events: pushes, branch or tag deletion, pull requests.',
    gitlab:
      'Settings → Webhooks. The secret as Secret token; events: push, tag push, merge requests.',
    gitea:
      'Settings → Webhooks → Gitea (Forgejo). POST, application/json; events: push, delete, pull request, pull request synchronized.',
    bitbucket:
      'Repository settings → Webhooks. Repository push, and pull requests created, updated, merged, declined.',
    generic:
      'In a post-receive hook: POST {"event":"push"} with X-Sluice-Signature, as the reference of webhooks shows.',
  },
  waiting:
    'No delivery has arrived yet. Save it at the host or send its test; it shows here at once.',
  arrived: 'A delivery arrived and its signature fits.',
  deliveries: 'Deliveries',
  noDeliveries: 'Nothing has come by it yet.',
  received: 'Received',
  event: 'Event',
  result: 'Result',
  redeliver: 'Process again',
  redelivered: 'It is processed again.',
} as const;
