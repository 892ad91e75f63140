import { createHash } from 'node:crypto';

const STYLE = [
  'body{font:16px/1.5 system-ui,sans-serif;max-width:28rem;margin:4rem auto;padding:0 1rem;color:#1b2733}',
  'label{display:block;margin-top:1rem}input{font:inherit;width:100%;padding:.5rem;box-sizing:border-box}',
  'button{font:inherit;margin-top:1.5rem;padding:.5rem 1.5rem}pre{background:#eef2f5;padding:1rem;overflow:auto}',
  '[role=alert]{color:#a1140a}',
].join('');

/** No script runs and nothing is loaded; the one style sheet is allowed by its hash. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const escapeHtml = (text: string): string =>
  text.replace(
    /[&<>"']/g,
    (character) =>
      ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[character] ?? '',
  );

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  `<meta name="referrer" content="no-referrer"><title>${escapeHtml(title)} - Sluice</title><style>${STYLE}</style></head>` +
  `<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`;

interface Values {
  readonly email?: string;
  readonly first_name?: string;
  readonly last_name?: string;
}

export function formPage(values: Values, complaints: readonly string[]): string {
  const alert = complaints.map((text) => `<p role="alert">${escapeHtml(text)}</p>`).join('');
  const field = (name: string, label: string, value: string, more: string) =>
    `<label for="${name}">${label}</label><input id="${name}" name="${name}" value="${escapeHtml(value)}" ${more}>`;
  return page(
    'Welcome to Sluice',
    `<p>Make the first administrator of this installation.</p>${alert}<form method="post">` +
      field('email', 'Email', values.email ?? '', 'type="email" required autocomplete="username"') +
      field('first_name', 'First name', values.first_name ?? '', 'autocomplete="given-name"') +
      field('last_name', 'Last name', values.last_name ?? '', 'autocomplete="family-name"') +
      field(
        'password',
        'Password, at least 10 characters',
        '',
        'type="password" required minlength="10" autocomplete="new-password"',
      ) +
      '<button type="submit">Create</button></form>',
  );
}

/** The only page that ever shows the token. */
export function donePage(made: { email: string; token: string; url: string }): string {
  return page(
    'You are the administrator',
    `<p>${escapeHtml(made.email)} can sign in now. This is an access token for the command line; it is not shown again:</p>` +
      `<pre>sluice --zone ${escapeHtml(made.url)} login ${escapeHtml(made.token)}</pre>` +
      `<p>git asks for the same email and password, or takes the token as the password.</p>`,
  );
}

export function gonePage(): string {
  return page(
    'This link is not valid any more',
    '<p>It was used, it expired, or a newer one was made. On the server, <code>sluice admin create-user</code> ' +
      'makes an administrator at any time.</p>',
  );
}
