export const signInText = {
  title: 'Sign in',
  email: 'Email',
  password: 'Password',
  submit: 'Sign in',
  or: 'or',
  passkey: 'Sign in with a passkey',
  withProvider: (name: string) => `Continue with ${name}`,
  codeTitle: 'Second factor',
  codeIntro: 'Your account asks for a code besides the password.',
  code: 'Code',
  codeHint: 'The six digits that your authenticator app shows now.',
  recoveryCode: 'Recovery code',
  recoveryHint: 'One of the ten that you kept, such as abcd-efgh-ijkm-npqr. Each works once.',
  useRecovery: 'Use a recovery code',
  useApp: 'Use the authenticator app',
  continue: 'Continue',
  startAgain: 'Start again',
  firstRun:
    'Nobody administers this installation yet. The server printed a link on its console when it started: open it to make the first administrator.',
  forgotten:
    'Forgotten your password? An administrator can send you a link to set another one. On the server itself, "sluice admin create-user" makes a new administrator.',
  cancelled: 'No passkey was used. Try again, or sign in with your password.',
  passkeyBroken: (detail: string) =>
    `The browser could not use a passkey: ${detail} Sign in with your password instead.`,
  /** By the reason that stands in the address after a sign-in at the provider that did not work. */
  errors: {
    oidc_denied:
      'The provider refused to sign you in. Ask whoever runs it, or sign in another way.',
    oidc_email_unverified:
      'The provider does not vouch for your email address. Confirm the address there, then try again.',
    oidc_domain:
      'People with your email domain may not sign in here. Use your address at work, or ask an administrator.',
    oidc_no_account:
      'You have no account here. Ask an administrator to make one for the email address that the provider knows.',
    oidc_other_person:
      'This account belongs to another person of the provider. An administrator must sort that out.',
    oidc_expired: 'That took too long, or began in another browser. Try again.',
    oidc_unavailable:
      'The provider cannot be reached from this server. Try again in a moment, or sign in with your password.',
    oidc_failed:
      "The provider's answer was not accepted. Try again; if it stays so, the server's log says why.",
  },
  otherError: 'The sign-in did not work. Try again.',
} as const;

export const setupText = {
  documentTitle: 'Set-up',
  title: 'Welcome to Sluice',
  intro: 'You are the first one here. Make the account that administers this installation.',
  email: 'Email',
  firstName: 'First name',
  lastName: 'Last name',
  password: 'Password',
  passwordHint: 'At least 10 characters. A few unrelated words are good and easy to remember.',
  submit: 'Create the account',
  goneTitle: 'This link is not valid any more',
  gone: 'It was used, it expired, or a newer one was made. The server prints a new one when it starts and there is no administrator; on the server, this makes one at any time:',
  onTheServer: 'On the server',
  toSignIn: 'To the sign-in page',
} as const;
