import { describe, expect, it } from 'vitest';
import { useMachine } from './support/machine.ts';
import { payloadOf } from './support/payload.ts';

const machine = useMachine();
const run = (config: Record<string, unknown>, changes: Parameters<typeof payloadOf>[1] = {}) =>
  machine.run(payloadOf({ script: ['true'], ...config }, changes));
const ran = (plain: string) => [...plain.matchAll(/^ran:(\S+)$/gm)].map((match) => match[1]);

describe('deploy (spec/travis.md 7)', () => {
  it('takes each entry in turn, with before_deploy and after_deploy for those that deploy', async () => {
    const job = await run({
      before_deploy: ['echo ran:before'],
      after_deploy: ['echo ran:after'],
      deploy: [
        { provider: 'script', script: 'echo ran:one; cd /; export X=1', on: { branch: ['main'] } },
        { provider: 'script', script: 'echo ran:never', on: { branch: ['other'] } },
        { provider: 'script', script: 'echo ran:two:$X:$(basename $PWD)', run: ['echo ran:run'] },
      ],
      after_script: ['echo ran:after_script'],
    });
    expect(job.state).toBe('passed');
    expect(ran(job.plain)).toEqual([
      ...['before', 'one', 'after', 'before', 'two::app', 'run', 'after', 'after_script'],
    ]);
    expect(job.plain).toContain('the branch is main, not other');
    expect(job.log).toContain('travis_fold:start:dpl_2');
  });

  it.each([
    ['a provider fails', { deploy: [{ provider: 'script', script: 'exit 3' }] }],
    [
      'before_deploy fails',
      { before_deploy: ['false'], deploy: [{ provider: 'script', script: 'echo ran:x' }] },
    ],
    ['a provider is not there', { deploy: [{ provider: 'heroku' }] }],
  ])('errors when %s, runs nothing more, and the test stays passed', async (_, config) => {
    const job = await run({
      ...config,
      after_deploy: ['echo ran:after'],
      after_script: ['echo ran:after_script'],
    });
    expect(job).toMatchObject({ state: 'errored', verdicts: ['passed'] });
    expect(ran(job.plain)).toEqual([]);
  });

  it('goes on after a failure that is allowed', async () => {
    const job = await run({
      deploy: [
        { provider: 'pypi', allow_failure: true },
        { provider: 'script', script: 'echo ran:second' },
      ],
    });
    expect(job.state).toBe('passed');
    expect(job.plain).toContain('The pypi provider is not available here.');
    expect(ran(job.plain)).toEqual(['second']);
  });

  it('asks the shell about conditions, all of which must hold', async () => {
    const on = (...condition: string[]) => ({ provider: 'script', on: { condition } });
    const job = await run({
      env: undefined,
      before_script: ['export LEVEL=2'],
      deploy: [
        { ...on('$LEVEL = 2', '$TRAVIS_BRANCH =~ ^ma'), script: 'echo ran:both' },
        { ...on('$LEVEL = 2', '-z $LEVEL'), script: 'echo ran:one-only' },
        { ...on('$( exit'), script: 'echo ran:broken' },
      ],
    });
    expect(job.state).toBe('passed');
    expect(ran(job.plain)).toEqual(['both']);
    expect(job.plain).toContain('the condition `-z $LEVEL` does not hold');
  });

  it('never deploys a pull request, nor after a failed test', async () => {
    const deploy = [{ provider: 'script', script: 'echo ran:deploy', on: { all_branches: true } }];
    const pullRequest = { number: 4, branch: 'x', sha: 'a', slug: 'org/app', draft: false };
    const pull = await run({ deploy }, { build: { event: 'pull_request', pullRequest } });
    expect(pull.state).toBe('passed');
    expect(ran(pull.plain)).toEqual([]);
    expect(ran((await run({ deploy, script: ['false'] })).plain)).toEqual([]);
  });

  it('deploys nowhere with the provider sluice where there is no server, and says so', async () => {
    const job = await run({ deploy: [{ provider: 'sluice', environment: 'live', wait: true }] });
    expect(job.state).toBe('passed');
    expect(job.plain).toContain('sluice app deploy live --commit "$TRAVIS_COMMIT"');
    expect(job.plain).toContain('Without a server nothing is deployed');
  });
});
