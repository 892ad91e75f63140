import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fullNameOf, parseAddress } from './address.ts';
import { isLocalAddress, resolveHost } from './networks.ts';

const usual = ['https', 'ssh'];

test('addresses that could run programs, read this machine or carry a secret are refused', () => {
  for (const url of [
    ...['ext::sh -c id', 'ext::id', 'fd::3', '-oProxyCommand=id', '--upload-pack=id', '/etc'],
    ...['file:///etc', 'http://example.com/a.git', 'git://example.com/a.git', 'https://', ''],
    ...['ssh://-oProxyCommand=id/x', '-oProxyCommand=id@host:x', 'https://a b/c', 'https://a\nb/c'],
    ...['https://user:password@example.com/a.git', 'ftp://example.com/a', '../x', 'x\0y'],
    ...['ssh://git@-oProxyCommand=id/a', 'git@-host:a', 'git@host:-a', '-a@host:b', 'host:/etc'],
    ...['https://example.com\\@127.0.0.1/a', 'https://example.com/a?b#c', 'https://[::1/a'],
    ...['https://example.com:0/a', 'https://example.com:99999/a', 'https://example.com/--x'],
    ...['HTTPS://example.com/a', 'https://ex%61mple.com/a', 'https://example.com', 'a::b/c'],
    ...['https://$(id).example.com/a', 'git@`id`:a', "git@ho'st:a", 'c:\\windows', 'ssh:///a'],
  ]) {
    expect(() => parseAddress(url, usual), JSON.stringify(url)).toThrow(/cannot be used/);
  }
});

test('addresses as people have them are taken apart', () => {
  expect(parseAddress('https://Example.com/a/b.git', usual)).toMatchObject({
    ...{ protocol: 'https', host: 'example.com', port: 443, user: null, path: '/a/b.git' },
  });
  expect(parseAddress('git@example.com:a/b.git', usual)).toMatchObject({
    ...{ protocol: 'ssh', host: 'example.com', port: 22, user: 'git', path: '/a/b.git' },
  });
  expect(parseAddress('ssh://git@[2001:db8::1]:2222/a', usual)).toMatchObject({
    ...{ host: '2001:db8::1', port: 2222 },
  });
  expect(parseAddress('https://user@example.com:8443/~me/ä', usual).user).toBe('user');
  expect(parseAddress('http://example.com/a', ['http']).port).toBe(80);
  expect(fullNameOf('/Group/Sub/Name.git/')).toBe('group/sub/name');
});

test('whatever is put into an address, git gets no option, no program and no other host', () => {
  const hostile = fc.constantFrom(
    ...[
      '-',
      '--',
      'ext::',
      '@',
      ':',
      '/',
      '\\',
      ' ',
      '\n',
      '\0',
      '%',
      '$(id)',
      '`',
      "'",
      '"',
      '[',
      ']',
    ],
    ...['https://', 'ssh://', 'file://', 'example.com', '127.0.0.1', '?', '#', '..', 'a', 'ä', ';'],
  );
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 8 }), (parts) => {
      const text = parts.join('');
      let parsed: ReturnType<typeof parseAddress>;
      try {
        parsed = parseAddress(text, usual);
      } catch {
        return;
      }
      // git takes a helper's name only from the beginning, before any slash.
      expect(text).not.toMatch(/^-|^[^/]*::\w|[\s\\\0]/);
      expect(parsed.host).toMatch(/^[a-z0-9][a-z0-9._-]*$|^[0-9a-f:.]+$/);
      // Node's own reading of it, which is the browsers' too, sees the same host.
      if (parsed.protocol === 'https') expect(new URL(text).hostname).toBe(parsed.host);
    }),
    { numRuns: 20_000 },
  );
});

test('addresses of this machine and of private networks are known in all their forms', () => {
  for (const ip of [
    ...['127.0.0.1', '127.9.9.9', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255'],
    ...['192.168.1.1', '169.254.169.254', '100.64.0.1', '224.0.0.1', '255.255.255.255'],
    ...['::1', '::', 'fe80::1', 'fd00::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1'],
    ...['2002:7f00:1::', 'ff02::1', 'not an address'],
  ]) {
    expect(isLocalAddress(ip), ip).toBe(true);
  }
  for (const ip of ['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '8.8.8.8']) {
    expect(isLocalAddress(ip), ip).toBe(false);
  }
});

test('a host in a local network is refused by whatever name, unless that is allowed', async () => {
  for (const host of ['localhost', '127.0.0.1', '::1', '2130706433', '0x7f.1']) {
    await expect(resolveHost(host, false), host).rejects.toMatchObject({
      reason: expect.stringMatching(/^(local_network|unknown_host)$/),
    });
  }
  expect(await resolveHost('127.0.0.1', true)).toEqual(['127.0.0.1']);
  await expect(resolveHost('no-such-host.invalid', true)).rejects.toMatchObject({
    reason: 'unknown_host',
  });
});
