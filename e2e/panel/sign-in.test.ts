import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  createInstallation,
  createOidcProvider,
  type Installation,
  type OidcProvider,
  totpCode,
} from '@sluice/testing';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  accessibilityProblems,
  lacksChromium,
  openBrowser,
  signIn,
  type TestBrowser,
} from '../support/browser.ts';

const PASSWORD = 'correct horse battery';

describe.skipIf(lacksChromium())('signing in to the panel', () => {
  let provider: OidcProvider;
  let installation: Installation;
  let browser: TestBrowser;

  beforeAll(async () => {
    provider = await createOidcProvider();
    installation = await createInstallation({
      environment: {
        SLUICE_OIDC_ISSUER: provider.issuer,
        SLUICE_OIDC_CLIENT_ID: provider.clientId,
        SLUICE_OIDC_CLIENT_SECRET: provider.clientSecret,
        SLUICE_OIDC_NAME: 'Example',
      },
    });
    browser = await openBrowser(installation.url());
  });
  afterAll(async () => {
    await browser?.close();
    await installation?.destroy();
    await provider?.close();
  });
  afterEach(() => {
    const unexpected = browser
      .complaints()
      .filter((complaint) => !complaint.includes(provider.issuer));
    expect(unexpected).toEqual([]);
  });

  const open = async (options = {}): Promise<Page> => {
    const page = await browser.page(options);
    page.setDefaultTimeout(120_000);
    return page;
  };
  const person = async (email: string): Promise<string> => {
    const words = ['admin', 'create-user', '--data', installation.dataDir, '--email', email];
    await installation.must([...words, '--password-stdin'], { input: `${PASSWORD}\n` });
    return email;
  };
  const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });
  const isIn = (page: Page) => page.getByRole('navigation', { name: 'Main' }).waitFor();
  const signOut = async (page: Page, email: string) => {
    await page.getByRole('button', { name: `Your account: ${email}` }).click();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await heading(page, 'Sign in').waitFor();
  };
  const security = async (page: Page) => {
    await page.goto('/account/security');
    await heading(page, 'Two-factor sign-in').waitFor();
  };

  test('the link of the console makes the first administrator, who is signed in', async () => {
    const fresh = await createInstallation();
    const link = /http:\S+\/setup\/(\S+)/.exec(fresh.output())?.[1] ?? '';
    const other = await openBrowser(fresh.url());
    const page = await other.page();
    await page.goto('/sign-in');
    await page.getByText('Nobody administers this installation yet').waitFor();
    await page.goto(`/setup/${link}`);
    await page.getByLabel('Email').fill('first@example.com');
    await page.getByLabel('First name').fill('Ada');
    await page.getByLabel('Password').fill('long enough password');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await isIn(page);
    await page.goto(`/setup/${link}`);
    await heading(page, 'This link is not valid any more').waitFor();
    expect(other.complaints()).toEqual([]);
    await other.close();
    await fresh.destroy();
  });

  test('by password, wrong at first, to where one wanted to go, and out again', async () => {
    const email = await person('password@example.com');
    const page = await open();
    await page.goto('/account/tokens');
    await heading(page, 'Sign in').waitFor();
    await page.getByLabel('Email').fill(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type('wrong wrong wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('no account with this email and password').waitFor();
    expect(await page.evaluate('document.activeElement.name')).toBe('password');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await heading(page, 'Access tokens').waitFor();
    expect(new URL(page.url()).pathname).toBe('/account/tokens');
    await signOut(page, email);
    await page.goto('/account');
    await heading(page, 'Sign in').waitFor();
  });

  test.each(['//127.0.0.1:1/', 'http://127.0.0.1:1/', '/\\127.0.0.1:1'])(
    'never leads to another site: %s',
    async (next) => {
      const email = await person(`next${encodeURIComponent(next).length}@example.com`);
      const page = await open();
      await page.goto(`/sign-in?${new URLSearchParams({ next }).toString()}`);
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.keyboard.press('Enter');
      await isIn(page);
      expect(new URL(page.url()).pathname).toBe('/');
    },
  );

  test('with a second factor, by the app and by a recovery code', async () => {
    const email = await person('two@example.com');
    const page = await open({ acceptDownloads: true });
    await signIn(page, email, PASSWORD);
    await security(page);
    await page.getByRole('button', { name: 'Turn on' }).click();
    const dialog = page.getByRole('dialog');
    const secret = (await dialog.locator('pre').innerText()).trim();
    // A code is accepted once, so that the next sign-in takes that of the next half minute.
    const codeAt = (steps: number) => totpCode(secret, Date.now() + steps * 30_000);
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByLabel('Code').fill('000000');
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.getByRole('alert').getByText('This code is not right').waitFor();
    await dialog.getByLabel('Code').fill(codeAt(0));
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await heading(page, 'Your recovery codes').waitFor();
    const codes = await dialog.locator('li').allInnerTexts();
    expect(new Set(codes).size).toBe(10);
    const downloading = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Download' }).click();
    expect((await downloading).suggestedFilename()).toBe('sluice-recovery-codes.txt');
    await dialog.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('10 recovery codes are left.').waitFor();
    await signOut(page, email);

    const enterPassword = async () => {
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.keyboard.press('Enter');
      await page.getByLabel('Code').waitFor();
    };
    await enterPassword();
    expect(await page.getByLabel('Code').getAttribute('autocomplete')).toBe('one-time-code');
    await page.keyboard.type('123');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await page.keyboard.type(codeAt(1));
    await page.keyboard.press('Enter');
    await isIn(page);
    await signOut(page, email);

    await enterPassword();
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await page.getByLabel('Recovery code').fill(String(codes[0]).toUpperCase());
    await page.keyboard.press('Enter');
    await isIn(page);
    await security(page);
    await page.getByText('9 recovery codes are left.').waitFor();
    await page.getByRole('button', { name: 'Turn off' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Turn off' }).click();
    await page.getByText('Two-factor sign-in is off.').waitFor();
  });

  test('with a passkey, which is added, renamed and removed', async () => {
    const email = await person('key@example.com');
    const page = await open();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
        ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
      },
    });
    await signIn(page, email, PASSWORD);
    await security(page);
    await page.getByLabel('Name', { exact: true }).fill('Blue key');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('cell', { name: 'Blue key', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Rename Blue key' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Red key');
    await page.keyboard.press('Enter');
    await page.getByRole('cell', { name: 'Red key', exact: true }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await signOut(page, email);

    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await isIn(page);
    await page.goto('/account');
    await page.getByText('by passkey').waitFor();
    await security(page);
    await page.getByRole('button', { name: 'Remove Red key' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('You have none yet.').waitFor();
    await signOut(page, email);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('alert').getByText('not known here').waitFor();
  });

  test('again, before one may change how one signs in, when it was a while ago', async () => {
    const email = await person('again@example.com');
    const page = await open();
    await signIn(page, email, PASSWORD);
    await security(page);
    const database = new DatabaseSync(join(installation.dataDir, 'sluice.db'));
    const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
    database.prepare('update sessions set created_at = ?').run(anHourAgo);
    database.close();
    await page.getByRole('button', { name: 'Turn on' }).click();
    const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
    await dialog.getByLabel('Password').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    // It goes on with what was asked for.
    await heading(page, 'Turn on two-factor sign-in').waitFor();
  });

  test('at an OIDC provider', async () => {
    provider.asks = true;
    provider.person = { sub: '7', email: 'nobody@example.com', email_verified: true };
    const page = await open();
    await page.goto('/account/tokens');
    await page.getByRole('button', { name: 'Continue with Example' }).click();
    await page.getByRole('link', { name: 'Deny' }).click();
    await page.getByRole('alert').getByText('The provider refused to sign you in').waitFor();
    await page.getByRole('button', { name: 'Continue with Example' }).click();
    await page.getByRole('link', { name: 'Approve' }).click();
    await page.getByRole('alert').getByText('You have no account here').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);

    provider.person = { ...provider.person, email: await person('oidc@example.com') };
    await page.goto('/account/tokens');
    await page.getByRole('button', { name: 'Continue with Example' }).click();
    await page.getByRole('link', { name: 'Approve' }).click();
    await heading(page, 'Access tokens').waitFor();
    await signOut(page, 'oidc@example.com');
  });

  test('another browser is signed out from here, and by a new password', async () => {
    const email = await person('many@example.com');
    const [here, there] = [await open(), await open()];
    await signIn(here, email, PASSWORD);
    await signIn(there, email, PASSWORD);
    await here.goto('/account');
    await here.getByText('This browser').waitFor();
    await here.getByRole('button', { name: /^Sign out Chrome/ }).click();
    await here.getByText('Signed out there.').waitFor();
    await there.goto('/account');
    await heading(there, 'Sign in').waitFor();

    await signIn(there, email, PASSWORD);
    await security(here);
    await here.getByLabel('Current password').fill('not the right one');
    await here.getByLabel('New password').fill('another long password');
    await here.getByRole('button', { name: 'Change the password' }).click();
    await here.getByRole('alert').getByText('not your current password').waitFor();
    await here.getByLabel('Current password').fill(PASSWORD);
    await here.getByRole('button', { name: 'Change the password' }).click();
    await here.getByText('The password was changed.').waitFor();
    await there.goto('/account');
    await heading(there, 'Sign in').waitFor();
    await here.goto('/account');
    await heading(here, 'Your account').waitFor();
  });

  test('an access token is made, shown once, and revoked', async () => {
    const email = await person('tokens@example.com');
    const page = await open();
    await signIn(page, email, PASSWORD);
    await page.goto('/account/tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('laptop');
    await dialog.getByLabel('What it may do').selectOption('Read and deploy');
    await dialog.getByRole('button', { name: 'Make the token' }).click();
    const token = (await dialog.locator('pre').first().innerText()).trim();
    expect(token).toMatch(/^slc_[0-9A-Za-z]{40}$/);
    const me = () =>
      fetch(`${installation.url()}/iam/v3/me/`, { headers: { authorization: `Token ${token}` } });
    expect((await me()).status).toBe(200);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: /^laptop/ }).waitFor();
    // A dialog that Escape closes is out of sight a moment before the page has taken it away.
    await expect.poll(() => page.content()).not.toContain(token);
    await page.getByRole('button', { name: 'Revoke laptop' }).click();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('The token was revoked.').waitFor();
    expect((await me()).status).toBe(401);
  });

  test('the divio command finds a token to paste, made on a click', async () => {
    const email = await person('desktop@example.com');
    const page = await open();
    await signIn(page, email, PASSWORD);
    await page.goto('/account/desktop-client/access-token/');
    await page.getByRole('button', { name: 'Make a token' }).click();
    await page.locator('pre').first().waitFor();
    expect(await page.locator('pre').first().innerText()).toMatch(/^slc_/);
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});
