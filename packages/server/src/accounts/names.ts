import { SluiceError } from '../errors.ts';

const EMAIL = /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u;
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const UNPRINTABLE = /\p{C}/u;

/** First parts of URLs that the server answers itself; an organisation's git URLs begin with its slug. */
const RESERVED = new Set(
  'account admin api apps assets auth billing ci control git health healthz iam internal legacy login logout metrics o readyz runner setup static track'.split(
    ' ',
  ),
);

const refuse = (field: string, text: string): never => {
  throw new SluiceError('invalid', text, { fields: { [field]: [text] } });
};

/** Lower case and trimmed. */
export function readEmail(text: string): string {
  const email = text.trim().toLowerCase();
  if (email.length > 254 || !EMAIL.test(email)) refuse('email', 'Enter an email address.');
  return email;
}

export function readName(field: string, text: string, required = false): string {
  const name = text.trim();
  if (required && name === '') refuse(field, 'This field may not be blank.');
  if (name.length > 100) refuse(field, 'Use at most 100 characters.');
  if (UNPRINTABLE.test(name)) refuse(field, 'Control characters are not allowed.');
  return name;
}

export function readOrganisationSlug(text: string): string {
  if (!SLUG.test(text)) {
    refuse('slug', 'Use 1 to 40 lower-case letters, digits and inner hyphens.');
  }
  if (RESERVED.has(text)) refuse('slug', `"${text}" is reserved.`);
  return text;
}
