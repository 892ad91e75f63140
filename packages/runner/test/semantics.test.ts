import { describe, expect, it } from 'vitest';
import { useMachine } from './support/machine.ts';
import { payloadOf } from './support/payload.ts';

const machine = useMachine();

/** Runs a configuration; each command that ran says so by `echo <name>`. */
const run = (config: Record<string, unknown>) => machine.run(payloadOf(config));

/** The lines that commands printed as `ran:<name>`. */
const ran = (plain: string) => [...plain.matchAll(/^ran:(\S+)$/gm)].map((match) => match[1]);
const say = (name: string) => `echo ran:${name}`;

/** Every phase says that it ran; `changes` replaces some. */
function everyPhase(changes: Record<string, unknown>): Record<string, unknown> {
  const phases = [
    'before_install',
    'install',
    'before_script',
    'script',
    'before_cache',
    'after_success',
    'after_failure',
    'after_script',
  ];
  return { ...Object.fromEntries(phases.map((phase) => [phase, [say(phase)]])), ...changes };
}

const SETUP = ['before_install', 'install', 'before_script'];

describe('what exit codes do (spec/travis.md 5.3)', () => {
  it('passes when all goes well, with the phases in order', async () => {
    const job = await run(everyPhase({}));
    expect(job).toMatchObject({ state: 'passed', exitCode: 0, reason: null, verdicts: ['passed'] });
    expect(ran(job.plain)).toEqual([
      ...SETUP,
      'script',
      'before_cache',
      'after_success',
      'after_script',
    ]);
    expect(job.plain).toMatch(/Done\. Your build exited with 0\.\n$/);
  });

  it.each(SETUP)('errors at a failing command of %s and runs nothing more', async (phase) => {
    const job = await run(everyPhase({ [phase]: [say(phase), 'sh -c "exit 7"', say('never')] }));
    expect(job).toMatchObject({ state: 'errored', exitCode: 2, verdicts: ['errored'] });
    expect(ran(job.plain)).toEqual(SETUP.slice(0, SETUP.indexOf(phase) + 1));
    expect(job.plain).toContain(
      `The command "sh -c "exit 7"" failed and exited with 7 during ${phase}.`,
    );
    expect(job.plain).toContain('Your build has been stopped.');
    expect(job.reason).toContain(phase);
  });

  it('fails at a failing script line, but runs the remaining ones', async () => {
    const job = await run(
      everyPhase({ script: [say('a'), 'false', say('b'), 'echo R=$TRAVIS_TEST_RESULT'] }),
    );
    expect(job).toMatchObject({ state: 'failed', exitCode: 1, verdicts: ['failed'] });
    expect(ran(job.plain)).toEqual([
      ...SETUP,
      'a',
      'b',
      'before_cache',
      'after_failure',
      'after_script',
    ]);
    expect(job.plain).toContain('The command "false" exited with 1.');
    expect(job.plain).toContain('R=1');
    expect(job.plain).toMatch(/Done\. Your build exited with 1\.\n$/);
  });

  it.each(['before_cache', 'after_success', 'after_script'])(
    'ignores a failing command of %s',
    async (phase) => {
      const job = await run(everyPhase({ [phase]: ['false', say(`${phase}2`)] }));
      expect(job).toMatchObject({ state: 'passed', exitCode: 0 });
      expect(ran(job.plain)).toContain(`${phase}2`);
    },
  );

  it('ignores a failing command of after_failure', async () => {
    const job = await run(everyPhase({ script: 'false', after_failure: ['false', say('still')] }));
    expect(job).toMatchObject({ state: 'failed', exitCode: 1 });
    expect(ran(job.plain)).toEqual([...SETUP, 'before_cache', 'still', 'after_script']);
  });

  it.each([
    ['exit 0', 'passed'],
    ['exit 1', 'failed'],
    ['exit 2', 'errored'],
    ['exit 77', 'errored'],
  ])(
    'lets `%s` of a build end the shell as %s, without any after phase',
    async (command, state) => {
      for (const phase of ['install', 'script']) {
        const job = await run(everyPhase({ [phase]: [command, say('never')] }));
        expect(job).toMatchObject({ state, exitCode: Number(command.slice(5)), verdicts: [state] });
        expect(ran(job.plain)).toEqual(SETUP.slice(0, phase === 'install' ? 1 : 3));
      }
    },
  );

  it.each(['exit 3', 'exit 1', 'kill -9 $$', 'set -e; false'])(
    'does not take a verdict back for `%s` in after_success',
    async (command) => {
      const job = await run(everyPhase({ after_success: [command, say('never')] }));
      expect(job).toMatchObject({ state: 'passed', verdicts: ['passed'] });
      expect(ran(job.plain)).not.toContain('never');
      expect(ran(job.plain)).not.toContain('after_script');
    },
  );

  it('ends the shell at a failing command after set -e, with its code', async () => {
    const job = await run(
      everyPhase({ before_install: ['set -e'], script: ['sh -c "exit 4"', say('never')] }),
    );
    expect(job).toMatchObject({ state: 'errored', exitCode: 4 });
    expect(ran(job.plain)).toEqual(['install', 'before_script']);
    const failed = await run(everyPhase({ script: ['set -e', 'false', say('never')] }));
    expect(failed).toMatchObject({ state: 'failed', exitCode: 1 });
  });

  it('survives set -eux and a changed IFS, and passes', async () => {
    const job = await run(
      everyPhase({
        before_install: ['set -euxo pipefail', 'IFS=/', 'shopt -s nullglob', 'set -f'],
      }),
    );
    expect(job).toMatchObject({ state: 'passed', exitCode: 0 });
    expect(ran(job.plain)).toContain('after_script');
  });

  it.each([
    ['false; true', 'passed'],
    ['true && false', 'failed'],
    ['false || true', 'passed'],
    ['false | true', 'passed'],
    ['true | false', 'failed'],
    ['if then', 'failed'],
    ['no-such-program', 'failed'],
    ['(exit 9)', 'failed'],
    ['return 3', 'failed'],
  ])('judges `%s` as bash does: %s', async (command, state) => {
    expect(await run({ script: [command] })).toMatchObject({ state });
  });

  it('goes on when a build names functions of its own like builtins', async () => {
    const functions = ['printf() { :; }', 'read() { false; }', 'exit() { return 0; }'];
    const job = await run(everyPhase({ before_install: functions }));
    expect(job).toMatchObject({ state: 'passed', verdicts: ['passed'] });
    expect(ran(job.plain)).toContain('after_script');
  });

  it('keeps directory, variables, functions and options from one command to the next', async () => {
    const job = await run({
      before_install: [
        'mkdir deep; cd deep',
        'export A=1; B=2',
        'declare -A M=([k]=v)',
        'f() { echo "f:$1"; }',
      ],
      install: ['result=7', 'echo "say() { echo sourced; }" > lib.sh; source ./lib.sh'],
      script: ['basename $PWD', `echo $A$B"$\{M[k]}"$result`, 'f x', 'say'],
    });
    expect(job.plain).toMatch(/^deep$/m);
    expect(job.plain).toMatch(/^12v7$/m);
    expect(job.plain).toMatch(/^f:x$/m);
    expect(job.plain).toMatch(/^sourced$/m);
    expect(job.state).toBe('passed');
  });

  it('reads standard input as empty', async () => {
    expect(await run({ script: ['read line || echo empty', 'cat'] })).toMatchObject({
      state: 'passed',
    });
  });

  it('leaves descriptors that a build opens alone, and gives it none of its own', async () => {
    const job = await run({
      script: ['exec 5>kept; echo one >&5', 'echo two >&5; cat kept', 'ls /proc/self/fd'],
    });
    expect(job.plain).toMatch(/^one\ntwo$/m);
    expect(job.plain).not.toMatch(/^198$/m);
  });

  it('has TRAVIS_TEST_RESULT from the script phase on, and not before', async () => {
    const job = await run({
      before_script: ['test -v TRAVIS_TEST_RESULT && echo before:set || echo before:unset'],
      script: ['echo "in:$TRAVIS_TEST_RESULT"'],
    });
    expect(job.plain).toContain('before:unset');
    expect(job.plain).toContain('in:0');
  });

  it('writes to /dev/stdout and /dev/stderr in order', async () => {
    const job = await run({
      script: ['echo one >/dev/stderr; echo two; echo three >/dev/stdout; echo four >&2'],
    });
    expect(job.plain).toContain('one\ntwo\nthree\nfour\n');
  });
});

describe('phases that are skipped (spec/travis.md 5.5)', () => {
  it.each(['skip', 'ignore'])('skips a phase that says only `%s`', async (word) => {
    const job = await run(everyPhase({ language: 'c', install: word, script: [word] }));
    expect(job).toMatchObject({ state: 'passed' });
    expect(job.plain).toContain(`Skipping install`);
    expect(job.plain).toContain(`Skipping script`);
    expect(job.plain).not.toContain('configure');
  });

  it('runs `true` and `false` as commands', async () => {
    expect(await run({ install: true, script: ['true'] })).toMatchObject({ state: 'passed' });
    expect(await run({ script: false })).toMatchObject({ state: 'failed' });
    expect(await run({ install: 'false', script: 'true' })).toMatchObject({ state: 'errored' });
  });

  it.each([[[]], [null], [''], [undefined]])('takes %j for the default', async (value) => {
    const job = await run({ language: 'c', script: value });
    expect(job.plain).toContain('$ ./configure && make && make test');
    expect(job.state).toBe('failed');
  });

  it('passes with a warning when a generic job has no script', async () => {
    const job = await run({});
    expect(job.state).toBe('passed');
    expect(job.plain).toContain('There is no `script`');
  });
});

describe('helper functions (spec/travis.md 5.6)', () => {
  it('retries up to three times', async () => {
    const job = await run({
      install: ['n=0; flaky() { n=$((n+1)); test $n -ge 3; }', 'travis_retry flaky'],
      script: ['travis_retry sh -c "echo try; exit 5"'],
    });
    expect(job.state).toBe('failed');
    expect(job.plain.match(/^try$/gm)).toHaveLength(3);
    expect(job.plain).toContain('Retrying, 2 of 3');
    expect(job.plain).toContain('Retrying, 3 of 3');
    expect(job.plain).toContain('failed 3 times');
    expect(job.plain).toContain('exited with 5.');
  });

  it('waits for a slow command, saying that it still runs, and shows its output after it', async () => {
    const job = await run({
      script: ['travis_wait 5 sh -c "sleep 2.2; echo slow output; exit 3"'],
    });
    expect(job.plain).toMatch(/Still running \(1 of 5\)[\s\S]*Log:\s+slow output/);
    expect(job.plain).toContain('exited with 3.');
    expect(job.state).toBe('failed');
  });

  it('ends a command that takes too long, with its children', async () => {
    const job = await run({
      script: [
        'travis_wait 1 sh -c "sleep 3000 & sleep 3001"',
        'pgrep -f "sleep 300" || echo none left',
      ],
    });
    expect(job.plain).toContain('Terminating');
    expect(job.plain).toContain('none left');
    expect(job.state).toBe('failed');
  });

  it('ends the job by travis_terminate with its code', async () => {
    const job = await run(everyPhase({ script: ['travis_terminate 1', say('never')] }));
    expect(job).toMatchObject({ state: 'failed', exitCode: 1 });
    expect(ran(job.plain)).not.toContain('never');
  });

  it('knows travis_cmd, travis_assert, travis_result, travis_fold and timers', async () => {
    const job = await run({
      before_script: [
        'travis_fold start mine; travis_time_start; echo inside; travis_time_finish; travis_fold end mine',
      ],
      script: ['travis_cmd "echo from cmd" --echo --timing', 'TRAVIS_CMD=shown travis_result 1'],
    });
    expect(job.log).toContain('travis_fold:start:mine\r\x1b[0K');
    expect(job.log).toContain('travis_fold:end:mine\r\x1b[0K');
    expect(job.plain).toContain('$ echo from cmd');
    expect(job.state).toBe('failed');
    const asserted = await run({ script: ['travis_cmd false --assert', say('never')] });
    expect(asserted).toMatchObject({ state: 'errored', exitCode: 2 });
  });
});

describe('the log (spec/travis.md 5.4)', () => {
  it('folds and times every phase but script, numbering several commands', async () => {
    const job = await run({ install: ['true', 'true'], before_script: ['true'], script: ['true'] });
    for (const fold of ['install.1', 'install.2', 'before_script']) {
      expect(job.log).toContain(`travis_fold:start:${fold}\r\x1b[0K`);
      expect(job.log).toContain(`travis_fold:end:${fold}\r\x1b[0K`);
    }
    expect(job.log).not.toContain('travis_fold:start:script');
    const time =
      /travis_time:end:([0-9a-f]{8}):start=(\d+),finish=(\d+),duration=(\d+),event=script\r/.exec(
        job.log,
      );
    expect(BigInt(time?.[3] ?? 0) - BigInt(time?.[2] ?? 0)).toBe(BigInt(time?.[4] ?? -1));
    expect(job.log).toContain(`travis_time:start:${time?.[1]}\r\x1b[0K`);
  });

  it('shows a command as it is written, over several lines, and its colour by its result', async () => {
    const text = 'for i in 1 2; do\n  echo "n $i"\ndone';
    const job = await run({ script: [text, 'false'] });
    expect(job.plain).toContain(`$ ${text}\n`);
    expect(job.log).toContain(`\x1b[32;1mThe command "${text}" exited with 0.`);
    expect(job.log).toContain('\x1b[31;1mThe command "false" exited with 1.');
  });

  it('shows variables under their heading, secrets without their value, and masks them everywhere', async () => {
    const job = await machine.run(
      payloadOf(
        {
          script: [
            'echo $TOKEN; echo -n $TOKEN | base64; echo $TOKEN | tr -d "\\n" | xxd -p || :',
            'echo "$GREETING|$HOME"',
          ],
        },
        {
          env: [
            {
              heading: 'Setting environment variables from .travis.yml',
              vars: [
                { text: 'GREETING="hello $USER"', secret: false },
                { text: 'TOKEN="s3cret value"', secret: true },
              ],
            },
          ],
        },
      ),
    );
    expect(job.plain).toContain(
      'Setting environment variables from .travis.yml\n$ export GREETING="hello $USER"',
    );
    expect(job.plain).toContain('$ export TOKEN=[secure]');
    expect(job.plain).toMatch(/^hello travis\|\/home\/travis$/m);
    expect(job.log).not.toContain('s3cret');
    expect(job.log).not.toContain(Buffer.from('s3cret value').toString('base64'));
  });
});

describe('variables (spec/travis.md 11)', () => {
  it('has them all, with awkward texts intact', async () => {
    const nasty = `it's "quoted" $(touch /tmp/x) \`id\` \\ end\nsecond 'line'`;
    const job = await machine.run(
      payloadOf(
        {
          language: 'generic',
          script: [
            'printf "<%s>\\n" "$TRAVIS_COMMIT_MESSAGE" "$TRAVIS_BRANCH"',
            'env | sort',
            'ls /tmp',
          ],
        },
        {
          build: { message: nasty, branch: '--upload-pack=touch x; $(id)' },
          stage: 'Te st',
          restartedBy: 'ann',
        },
      ),
    );
    expect(job.plain).toContain(`<${nasty}>`);
    expect(job.plain).toContain('<--upload-pack=touch x; $(id)>');
    expect(job.plain).toMatch(/^CI=true$/m);
    expect(job.plain).toMatch(/^TRAVIS_BUILD_DIR=\/home\/travis\/build\/org\/app$/m);
    expect(job.plain).toMatch(/^TRAVIS_PULL_REQUEST=false$/m);
    expect(job.plain).toMatch(/^TRAVIS_JOB_RESTARTED_BY=ann$/m);
    expect(job.plain).toMatch(/^TRAVIS_BUILD_STAGE_NAME=Te st$/m);
    expect(job.plain).toMatch(/^DIVIO_ZONE=http:\/\/sluice.localhost:4000$/m);
    expect(job.plain).toMatch(/^TRAVIS_SECURE_ENV_VARS=false$/m);
    expect(job.plain).not.toMatch(/^x$/m);
  });

  it('keeps a PATH that the configuration changes', async () => {
    const env = [{ heading: 'h', vars: [{ text: 'PATH=$HOME/mine:$PATH', secret: false }] }];
    const job = await machine.run(payloadOf({ script: ['echo $PATH'] }, { env }));
    expect(job.plain).toMatch(/^\/home\/travis\/mine:.*\/usr\/bin/m);
  });
});
