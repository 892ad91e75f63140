import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { SluiceError } from '../errors.ts';

/** 32 MB and about 80 ms each on a small server; the parameters stand in each hash, so they may grow. */
const COST = { N: 2 ** 15, r: 8, p: 1 };
const KEY_BYTES = 32;
const MIN_CHARACTERS = 10;
const MAX_CHARACTERS = 1_000;

/** Answers `scrypt$N$r$p$salt$key`, salt and key in base64. Throws `invalid` for a password too short or long. */
export async function hashPassword(password: string): Promise<string> {
  checkPassword(password);
  const salt = randomBytes(16);
  const key = await derive(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), key.toString('base64')].join(
    '$',
  );
}

/**
 * Whether the password belongs to the hash. Without a hash (no such user, a machine) it works as long
 * and says no, so that time does not tell which accounts exist.
 */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  if (password.length > MAX_CHARACTERS) return false;
  const [scheme, N, r, p, salt, key] = (hash ?? '').split('$');
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) {
    await derive(password, Buffer.alloc(16), COST);
    return false;
  }
  const expected = Buffer.from(key, 'base64');
  const actual = await derive(password, Buffer.from(salt, 'base64'), {
    N: Number(N),
    r: Number(r),
    p: Number(p),
  });
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

function checkPassword(password: string): void {
  if (password.length >= MIN_CHARACTERS && password.length <= MAX_CHARACTERS) return;
  throw new SluiceError('invalid', 'The password is too short or too long.', {
    fields: { password: [`Use ${MIN_CHARACTERS} to ${MAX_CHARACTERS} characters.`] },
  });
}

function derive(password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { ...cost, maxmem: 256 * cost.N * cost.r };
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
