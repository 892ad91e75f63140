import type { Locator, Page } from 'playwright-core';

/** More presses than this, and nobody would find it. */
const MOST_PRESSES = 120;

const NAME_OF_FOCUS = `(() => {
  const element = document.activeElement;
  if (element === null) return '';
  const label = element.labels?.[0]?.textContent ?? element.getAttribute('aria-label');
  return (label ?? element.textContent ?? '').trim();
})()`;

/** Presses a key until what has the focus is called `name` (and is `target`, if given), as someone without a mouse does. */
export async function pressUntil(
  page: Page,
  key: 'Tab' | 'Shift+Tab',
  name: string | RegExp,
  target?: Locator,
): Promise<void> {
  const seen: string[] = [];
  for (let press = 0; press < MOST_PRESSES; press += 1) {
    await page.keyboard.press(key);
    const focused = await page.evaluate<string>(NAME_OF_FOCUS);
    seen.push(focused.slice(0, 40));
    const isNamed = typeof name === 'string' ? focused === name.trim() : name.test(focused);
    if (isNamed && (target === undefined || (await isFocused(target)))) return;
  }
  throw new Error(`${key} never comes to ${name}; it passes ${seen.slice(0, 60).join(' | ')}`);
}

/** Goes to a field by Tab and types. */
export async function typeInto(page: Page, label: string, text: string): Promise<void> {
  const focused = await page.evaluate<string>(NAME_OF_FOCUS);
  if (focused !== label) await pressUntil(page, 'Tab', label);
  await page.keyboard.type(text);
}

const isFocused = (target: Locator): Promise<boolean> =>
  target.evaluate((element) => element === element.ownerDocument.activeElement);
