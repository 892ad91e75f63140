export const domains = {
  title: 'Domains',
  intro:
    'Each environment answers under a fixed name. It can answer under names of your own as well: add one here, then enter what it says at whoever runs the DNS of the name.',
  fixed: 'Fixed name',
  own: 'Names of your own',
  none: 'Only the fixed name so far.',
  add: 'Add a domain',
  addTo: (environment: string) => `Add a domain to ${environment}`,
  name: 'Host name',
  nameHint:
    'Such as www.example.com, without http:// and path. One name each; wildcards are not possible.',
  addAction: 'Add',
  added: (name: string) => `${name} leads here from now on.`,
  remove: 'Remove',
  removeTitle: (name: string) => `Remove ${name}?`,
  removeText:
    'Whoever opens it is told at once that nothing is there. Take it out of the DNS as well. It can be added again.',
  removed: (name: string) => `${name} does not lead here any more.`,
  primary: 'Primary',
  primaryHint: 'What the application finds in DOMAIN, from the next deployment on.',
  makePrimary: 'Make primary',
  noPrimary: 'Use the fixed name instead',
  dns: 'What to enter in the DNS',
  record: 'Record',
  value: 'Value',
  opensElsewhere: '(opens in a new tab)',
  tls: 'For https, let the proxy in front of Sluice have a certificate for the name.',
} as const;
