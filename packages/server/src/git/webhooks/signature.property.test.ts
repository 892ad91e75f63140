import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DIALECTS } from './dialects.ts';
import { signTimed, WINDOW_SECONDS } from './signature.ts';
import type { Dialect, Headers } from './types.ts';

/** What a host would send for a body and a secret. */
const SIGNERS: Readonly<Record<string, (body: Buffer, secret: string, now: number) => Headers>> = {
  github: (body, secret) => ({ 'x-hub-signature-256': `sha256=${hmac(body, secret)}` }),
  gitlab: (_body, secret) => ({ 'x-gitlab-token': secret }),
  gitea: (body, secret) => ({ 'x-gitea-signature': hmac(body, secret) }),
  bitbucket: (body, secret) => ({ 'x-hub-signature': `sha256=${hmac(body, secret)}` }),
  generic: (body, secret, now) => ({ 'x-sluice-signature': signTimed(body, secret, now) }),
};

const hmac = (body: Buffer, secret: string) =>
  createHmac('sha256', secret).update(body).digest('hex');

const bodies = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const secrets = fc.string({ minLength: 1, maxLength: 40 });
const times = fc.integer({ min: 1_000_000, max: 4_000_000_000 });

const signed = (dialect: Dialect, body: Buffer, secret: string, now: number): Headers =>
  SIGNERS[dialect.provider]?.(body, secret, now) ?? {};

test.each(Object.values(DIALECTS))(
  '$provider: its own signature fits, nothing else does',
  (dialect) => {
    const signsBody = dialect.provider !== 'gitlab';
    fc.assert(
      fc.property(bodies, bodies, secrets, secrets, times, (body, other, secret, wrong, now) => {
        const headers = signed(dialect, body, secret, now);
        expect(dialect.verify(headers, body, secret, now)).toBe('ok');
        expect(dialect.verify({}, body, secret, now)).toBe('missing');
        if (wrong !== secret) expect(dialect.verify(headers, body, wrong, now)).toBe('wrong');
        if (signsBody && !other.equals(body)) {
          expect(dialect.verify(headers, other, secret, now)).toBe('wrong');
        }
      }),
    );
  },
);

test.each(Object.values(DIALECTS))(
  '$provider: a signature with any one character changed is wrong',
  (dialect) => {
    fc.assert(
      fc.property(
        bodies,
        secrets,
        times,
        fc.nat(),
        fc.constantFrom('0', '1', 'f', 'Z', ' ', ''),
        (body, secret, now, position, replacement) => {
          const headers = signed(dialect, body, secret, now);
          const [name = '', value] = Object.entries(headers)[0] ?? [];
          const text = String(value);
          const prefix = /^(sha256=|t=\d+,v1=)?/.exec(text)?.[0].length ?? 0;
          const at = prefix + (position % Math.max(1, text.length - prefix));
          const changed = text.slice(0, at) + replacement + text.slice(at + 1);
          fc.pre(
            changed !== text && changed.toLowerCase() !== text.toLowerCase() && changed !== '',
          );
          expect(dialect.verify({ [name]: changed }, body, secret, now)).toBe('wrong');
        },
      ),
    );
  },
);

test('the generic form holds for its window and not a second longer', () => {
  const { generic } = DIALECTS;
  fc.assert(
    fc.property(
      bodies,
      secrets,
      times,
      fc.integer({ min: -900, max: 900 }),
      (body, secret, at, off) => {
        const headers = signed(generic, body, secret, at);
        const verdict = generic.verify(headers, body, secret, at + off);
        expect(verdict).toBe(Math.abs(off) <= WINDOW_SECONDS ? 'ok' : 'stale');
        // Another time in the header is another signature: the window cannot be moved.
        const moved = String(headers['x-sluice-signature']).replace(/^t=\d+/, `t=${at + off}`);
        if (off !== 0) {
          expect(generic.verify({ 'x-sluice-signature': moved }, body, secret, at + off)).toBe(
            'wrong',
          );
        }
      },
    ),
  );
});
