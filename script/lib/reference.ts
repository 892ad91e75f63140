/**
 * Writes the reference pages that follow from the code: docs/reference/settings.md and docs/reference/cli.md.
 * `--check` only says whether they are up to date (exit 1 when not).
 */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { createProgram } from '../../packages/cli/src/program.ts';
import { definitions } from '../../packages/server/src/settings/definitions.ts';
import { flagOf, keyOf, variableOf } from '../../packages/server/src/settings/read.ts';

const folder = resolve(import.meta.dirname, '../../docs/reference');
/** The machine's own number of cores must not find its way into the page. */
const MACHINE_DEFAULTS: Readonly<Record<string, string>> = {
  runnerConcurrency: "the machine's cores, at least 2",
};

function settingsPage(): string {
  const rows = Object.entries(definitions).map(([name, definition]) => {
    const plain = Array.isArray(definition.default)
      ? definition.default.join(',')
      : String(definition.default);
    const value = MACHINE_DEFAULTS[name] ?? (plain === '' ? 'empty' : `\`${plain}\``);
    return `| \`${flagOf(name)}\` | \`${variableOf(name)}\` | \`${keyOf(name)}\` | ${value} | ${definition.help} |`;
  });
  return `# Settings of the server

A setting comes from its flag, else its variable, else the settings file, else the default. The file is \`--config FILE\`
(or \`SLUICE_CONFIG\`), else \`sluice.yml\` in the data directory; it holds \`key: value\` lines.

| flag | variable | key | default | what it is for |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function cliPage(): string {
  const { program } = createProgram({ programName: 'sluice', environment: {}, directory: '/' });
  program.configureHelp({ helpWidth: 110 });
  const sections: string[] = [];
  const describe = (command: Command, path: string) => {
    const visible = command.commands.filter((child) => !('_hidden' in child && child._hidden));
    if (visible.length === 0) {
      command.configureHelp({ helpWidth: 110 });
      sections.push(`## ${path}\n\n\`\`\`text\n${command.helpInformation().trimEnd()}\n\`\`\`\n`);
    }
    for (const child of visible) describe(child, `${path} ${child.name()}`);
  };
  describe(program, 'sluice');
  return `# The command line

\`sluice\` and \`divio\` are one program with one grammar. The server is named by \`--zone\`, else \`SLUICE_URL\`, else \`DIVIO_ZONE\`,
else it is that of the last login. \`SLUICE_TOKEN\` replaces a login. Credentials are kept in \`~/.config/sluice/credentials.json\`,
which only its owner can read. Results go to standard output, progress and remarks to standard error.

| exit code | means |
| --- | --- |
| 0 | done |
| 1 | failed; for \`app deploy\`: the deployment failed |
| 2 | wrong usage |
| 3 | the environment is on hold |
| 4 | not found, or not allowed |
| 5 | no server answers, or none is known |

\`app deploy --json\` ends with one line: \`{"deployment", "status", "success", "commit", "url", "reason", "superseded_by"}\`.
\`why --json\` prints \`{"commit", "build": {"state", "url"}, "environments": [{"slug", "state", "reason", "rule", "deployment",
"superseded_by"}], "events": [...]}\`; a state is one of \`unknown untested building build_failed not_signalled awaiting_commit
awaiting_build queued deploying live was_live deploy_failed cancelled superseded skipped held\`.

${sections.join('\n')}`;
}

const pages = { 'settings.md': settingsPage(), 'cli.md': cliPage() };
const check = process.argv.includes('--check');
for (const [name, text] of Object.entries(pages)) {
  const file = resolve(folder, name);
  const present = await readFile(file, 'utf8').catch(() => '');
  if (present === text) continue;
  if (check) {
    console.error(`docs/reference/${name} is out of date: run node script/lib/reference.ts`);
    process.exitCode = 1;
  } else {
    await writeFile(file, text);
    console.log(`wrote docs/reference/${name}`);
  }
}
