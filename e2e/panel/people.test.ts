import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  accessibilityProblems,
  lacksChromium,
  openBrowser,
  signIn,
  type TestBrowser,
} from '../support/browser.ts';
import { ADMIN, createPlace, type Place } from '../support/site.ts';

const PASSWORD = 'a long enough one';

describe.skipIf(lacksChromium())('people in the panel', () => {
  let place: Place;
  let browser: TestBrowser;
  let admin: Page;

  beforeAll(async () => {
    place = await createPlace();
    browser = await openBrowser(place.installation.url());
    admin = await browser.page();
    await signIn(admin, ADMIN.email, ADMIN.password);
  });
  afterAll(async () => {
    await browser?.close();
    await place?.destroy();
  });
  afterEach(() => {
    expect(browser.complaints()).toEqual([]);
  });

  const row = (page: Page, table: string, text: string) =>
    page
      .getByRole('table', { name: table, exact: true })
      .getByRole('row')
      .filter({ hasText: text });
  const dialog = (page: Page) => page.getByRole('dialog');
  /** The last line of the dialog that shows something to copy. */
  const shownOnce = async (page: Page): Promise<string> =>
    (await dialog(page).locator('pre').first().textContent()) ?? '';

  const invite = async (email: string, role: string): Promise<string> => {
    await admin.goto('/people');
    await admin.getByRole('button', { name: 'Invite somebody' }).click();
    await dialog(admin).getByLabel('Email').fill(email);
    await dialog(admin).getByLabel('Role').selectOption(role);
    expect(await accessibilityProblems(admin)).toEqual([]);
    await dialog(admin).getByRole('button', { name: 'Make the invitation' }).click();
    await dialog(admin).getByText('It works once and is not shown again').waitFor();
    const link = await shownOnce(admin);
    await dialog(admin).getByRole('button', { name: 'Done' }).click();
    return new URL(link).pathname;
  };
  const choosePassword = async (page: Page, link: string): Promise<void> => {
    await page.goto(link);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByRole('heading', { name: 'Your password is set' }).waitFor();
  };

  test('an invitation is handed over, opened once, and lets the person in', async () => {
    const link = await invite('ada@example.com', 'deployer');
    await row(admin, 'List of open invitations', 'ada@example.com').waitFor();
    const ada = await browser.page();
    await ada.goto(link);
    await ada.getByText('You are invited as ada@example.com').waitFor();
    expect(await accessibilityProblems(ada)).toEqual([]);
    await ada.getByLabel('First name').fill('Ada');
    await choosePassword(ada, link);
    await signIn(ada, 'ada@example.com', PASSWORD);
    // A deployer is told why the list is not shown, and has no button to invite.
    await ada.goto('/people');
    await ada.getByText('Only admins and owners see').waitFor();
    expect(await ada.getByRole('button', { name: 'Invite somebody' }).count()).toBe(0);

    // The other page follows by itself: the invitation is gone from the list, and she was seen.
    await expect
      .poll(() => row(admin, 'List of open invitations', 'ada@example.com').count())
      .toBe(0);
    const member = row(admin, 'List of members', 'ada@example.com');
    await member.getByText('just now').waitFor();
    await ada.goto(link);
    await ada.getByRole('heading', { name: 'This link is not valid any more' }).waitFor();
  });

  test('a role is changed and changed back, a member removed by name and put back', async () => {
    await choosePassword(await browser.page(), await invite('ben@example.com', 'collaborator'));
    await admin.goto('/people');
    const role = admin.getByLabel('Role of ben@example.com');
    await role.selectOption('admin');
    await admin.getByText('ben@example.com is Admin now.').waitFor();
    await admin.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => role.inputValue()).toBe('collaborator');

    const member = row(admin, 'List of members', 'ben@example.com');
    await member.getByRole('button', { name: 'Remove ben@example.com?' }).click();
    const confirm = dialog(admin).getByRole('button', { name: 'Remove from the organisation' });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog(admin).getByLabel('Type ben@example.com to confirm').fill('ben@example.com');
    await confirm.click();
    await admin.getByText('ben@example.com was removed.').waitFor();
    await expect.poll(() => member.count()).toBe(0);
    await admin.getByRole('button', { name: 'Undo' }).last().click();
    await member.waitFor();
  });

  test('another organisation is made, and its people are its own', async () => {
    await admin.goto('/people');
    await admin.getByRole('button', { name: 'New organisation' }).click();
    await dialog(admin).getByLabel('Name of the organisation').fill('Second Floor');
    await dialog(admin).getByLabel('Short name').fill('default');
    await dialog(admin).getByRole('button', { name: 'Create the organisation' }).click();
    await dialog(admin).getByText('There is an organisation with this slug already.').waitFor();
    await dialog(admin).getByLabel('Short name').fill('second');
    await dialog(admin).getByRole('button', { name: 'Create the organisation' }).click();
    await admin.getByRole('heading', { name: 'Members of Second Floor' }).waitFor();
    await row(admin, 'List of members', ADMIN.email).waitFor();
    expect(await row(admin, 'List of members', 'ben@example.com').count()).toBe(0);
    await admin.getByLabel('Organisation').selectOption('Default');
    await row(admin, 'List of members', 'ben@example.com').waitFor();
  });

  test('the last owner stays: the page says why', async () => {
    await admin.goto('/people');
    await admin.getByLabel(`Role of ${ADMIN.email}`).selectOption('admin');
    await admin.getByRole('alert').getByText('keeps at least one owner').waitFor();
  });

  test('a password link lets somebody in again, and disabling signs them out', async () => {
    const person = await browser.page();
    await choosePassword(person, await invite('cleo@example.com', 'deployer'));
    await signIn(person, 'cleo@example.com', PASSWORD);
    await admin.goto('/people');
    await admin.getByRole('button', { name: 'Manage cleo@example.com' }).click();
    await admin.getByRole('button', { name: 'Make a password link' }).click();
    await admin.getByRole('button', { name: 'Make the link' }).click();
    const link = new URL(await shownOnce(admin)).pathname;
    await dialog(admin).getByRole('button', { name: 'Done' }).click();
    const elsewhere = await browser.page();
    await elsewhere.goto(link);
    await elsewhere.getByLabel('Password').fill(`${PASSWORD} new`);
    await elsewhere.getByRole('button', { name: 'Set the password' }).click();
    await elsewhere.getByRole('heading', { name: 'Your password is set' }).waitFor();
    await person.goto('/account');
    await person.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    await signIn(person, 'cleo@example.com', `${PASSWORD} new`);

    await admin.getByRole('button', { name: 'Manage cleo@example.com' }).click();
    await admin.getByRole('button', { name: 'Disable the account' }).click();
    await dialog(admin).getByLabel('Type cleo@example.com to confirm').fill('cleo@example.com');
    await dialog(admin).getByRole('button', { name: 'Disable the account' }).click();
    await admin.getByText('cleo@example.com is disabled.').waitFor();
    await person.goto('/account');
    await person.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
  });

  test('a machine user is made, gets a token that works, and is deleted by name', async () => {
    await admin.goto('/machine-users');
    await admin.getByRole('button', { name: 'New machine user' }).click();
    await dialog(admin).getByLabel('Name, as an email address').fill('robot@example.com');
    await dialog(admin).getByRole('button', { name: 'Create the machine user' }).click();
    await admin.getByRole('heading', { name: 'robot@example.com' }).waitFor();
    await admin.getByRole('button', { name: 'New token for robot@example.com' }).click();
    await dialog(admin).getByLabel('Name').fill('deploys');
    expect(await accessibilityProblems(admin)).toEqual([]);
    await dialog(admin).getByRole('button', { name: /token/i }).last().click();
    await dialog(admin).locator('pre').first().waitFor();
    const token = await shownOnce(admin);
    const me = await place.client(token).send<{ email: string }>('GET', '/iam/v3/me/');
    expect(me.email).toBe('robot@example.com');
    await admin.keyboard.press('Escape');

    await admin.getByRole('button', { name: 'Delete robot@example.com' }).click();
    await dialog(admin).getByLabel('Type robot@example.com to confirm').fill('robot@example.com');
    await dialog(admin).getByRole('button', { name: 'Delete', exact: true }).click();
    await admin.getByText('robot@example.com was deleted.').waitFor();
    await expect(place.client(token).send('GET', '/iam/v3/me/')).rejects.toMatchObject({
      status: 401,
    });
  });

  test('the audit log knows all that, can be filtered, checked and taken along', async () => {
    await admin.goto('/audit-log');
    await admin.getByText('Intact: every one of the').waitFor();
    await admin.getByLabel('Action').fill('member.invite');
    await admin.getByLabel('Search').fill('ada@example.com');
    await admin.getByRole('button', { name: 'Filter' }).click();
    await admin.getByRole('heading', { name: '1 entry' }).waitFor();
    expect(new URL(admin.url()).searchParams.get('action')).toBe('member.invite');
    const download = admin.waitForEvent('download');
    await admin.getByRole('link', { name: 'As CSV' }).click();
    const path = await (await download).path();
    const lines = (await readFile(path, 'utf8')).trim().split('\r\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('ada@example.com');
    await admin.getByRole('button', { name: 'Clear the filter' }).click();
    await admin.getByText('user.choose_password').first().waitFor();
  });

  test('the system page says how everything is', async () => {
    await admin.goto('/system');
    await admin.getByRole('heading', { name: 'Database' }).waitFor();
    for (const part of ['Router', 'Supervisor', 'Runner', 'Master key', 'Backups']) {
      await admin.getByRole('heading', { name: part, exact: true }).waitFor();
    }
    expect(await admin.getByText('Failing', { exact: true }).count()).toBe(0);
    expect(await accessibilityProblems(admin)).toEqual([]);
  });
});
