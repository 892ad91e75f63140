import type { ImagePolicy } from '@sluice/contract';
import { images as text } from '../../text/images.ts';
import { bytesText } from '../../text/units.ts';
import { Facts, Section } from '../../ui/layout.tsx';

/** What is kept, where, and what it comes to. */
export function PolicyFacts({
  policy,
  count,
  bytes,
}: {
  policy: ImagePolicy;
  count: number;
  bytes: number | null;
}) {
  const isDocker = policy.runtime === 'docker';
  return (
    <Section title={text.policy}>
      <Facts
        facts={[
          [text.rule, text.policyText(policy.keep_releases)],
          [text.runtime, text.runtimes[policy.runtime] ?? policy.runtime],
          ...(isDocker ? [[text.registry, policy.registry ?? text.noRegistry] as const] : []),
          [
            text.total,
            text.totalText(count, bytes === null ? text.sizesUnknown : bytesText(bytes)),
          ],
        ]}
      />
      {isDocker && <p className="mt-3 text-sm text-muted">{text.shared}</p>}
    </Section>
  );
}
