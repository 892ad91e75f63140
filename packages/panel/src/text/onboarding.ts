/** Text of the wizard for new applications and of the check of an import. */
export const onboarding = {
  title: 'New application',
  steps: ['Name', 'Code', 'Files', 'First deployment'],
  stepsLabel: 'Steps',

  name: 'Name',
  nameTitle: 'What is it called?',
  nameHint: 'As people call it. Its address and its git URL are made of it.',
  address: (slug: string) => `Its short name will be ${slug}.`,
  organisation: 'Organisation',
  create: 'Create the application',
  noOrganisation:
    'You may not create applications in any organisation. Ask an owner of one to add you.',

  source: 'Where does the code come from?',
  ways: {
    example: {
      title: 'Start from an example',
      text: 'No code yet: a small site that is tested and goes live.',
    },
    push: { title: 'Push a repository', text: 'You have code in git on your machine.' },
    connect: {
      title: 'Connect a repository',
      text: 'Your code is on GitHub, GitLab, Gitea, Forgejo, Bitbucket or any git server, and stays there.',
    },
    import: {
      title: 'Come from Travis CI or Heroku',
      text: 'Bring .travis.yml, app.json or Procfile, and see what differs here.',
    },
  },
  otherWay: 'Choose another way',

  starters: 'Examples',
  startWith: (name: string) => `Start with ${name}`,
  starterMessage: (name: string) => `Start with the example ${name}`,

  pushTitle: 'Push your code',
  pushFirst: 'Run this in the folder of your repository',
  pushHint:
    'The branch that you push first becomes the default one, which the environments follow.',
  credentials: 'git asks for a user and a password',
  credentialsCli:
    'With the command line: log in once and let git use it; then git asks nothing any more.',
  credentialsToken:
    'Or give your email as the user, and your password or an access token as the password:',
  makeToken: 'Make an access token',
  waiting: 'Waiting for the first push …',
  waitingHint: 'This page goes on by itself when it arrives.',
  arrived: (branch: string) => `Your code is here, on the branch ${branch}.`,

  connectTitle: 'Where is it?',
  connectHint:
    'Sluice keeps a mirror and fetches what is pushed. A public repository needs nothing else; for a private one give a token that may read it, or an ssh address: then a deploy key is shown to add at the host.',
  checking: 'Looking whether it can be read …',
  checkFailed: 'It cannot be read yet.',
  checkFailedKey: 'Add the deploy key below at the host, then press “Fetch now”.',
  checkFailedToken: 'Is the address right, and may the token read it? Then press “Fetch now”.',
  checkEmpty:
    'It can be read, but there is no commit in it yet. This page goes on when one is pushed.',
  checked: (branch: string) => `It can be read: its branch ${branch} is here.`,
  webhookNext:
    'Next, let the host tell of pushes: make a webhook below and enter it there. Its first delivery shows here by itself.',
  webhookWorks: 'The host tells of pushes.',
  proposedThere: 'Files to add at the host',
  proposedThereHint:
    'A mirror is only read, so commit these where the code is. Without them you can deploy all the same, if the code says how it is started.',
  deployFirst: (branch: string, environment: string) => `Deploy ${branch} to ${environment}`,
  goOn: 'Go on without a deployment',

  importTitle: 'Check an import',
  importLead:
    'Paste or drop files of an existing project. Nothing is created; you see what works here, what differs and what is missing.',
  importStep: 'What do you bring?',
  drop: 'Drop files here, or choose them',
  choose: 'Choose files',
  dropped: (count: number) => (count === 1 ? '1 file' : `${count} files`),
  notText: (name: string) => `${name} is no text and was left out.`,
  tooLarge: (name: string) => `${name} is larger than 500 kB and was left out.`,
  paste: (path: string) => `Text of ${path}`,
  removeFile: (path: string) => `Leave ${path} out`,
  check: 'Check',
  nothingToCheck: 'Paste or drop at least one file.',
  commitThese: 'Commit these files',
  pushInstead: 'Push the repository',
  importNext:
    'Next, push the repository itself; the files that are proposed are made again from what is in it. Or, if these files are all there is, commit them.',
  importMessage: 'Bring the files of the project',

  detected: 'What was found',
  language: 'Language',
  unknownLanguage: 'not known',
  evidence: (file: string) => `told by ${file}`,
  branch: 'Branch',
  proposed: 'Proposed files',
  nothingProposed: 'All that is needed is there; nothing is to be added.',
  include: (path: string) => `Commit ${path}`,
  replaces: 'Replaces the file that is there.',
  deployForm: 'How the job deploys',
  withoutToken: 'Without a token (recommended)',
  tokenMade:
    'A machine user is made whose token can deploy this application and nothing else. It is encrypted into the file and shown nowhere.',
  commitMessage: 'Commit message',
  defaultMessage: 'Build and deploy with Sluice',
  commit: 'Commit and deploy',
  skipCommit: 'Go on without a commit',
  moved: 'Somebody pushed meanwhile. The files below are made for the new commit.',

  findings: 'What is different here',
  noFindings: 'Nothing was found that would be different here.',
  levels: { missing: 'Missing', differs: 'Differs', works: 'Works' },
  worksCount: (count: number) =>
    count === 1 ? '1 thing works as it is' : `${count} things work as they are`,
  place: (file: string, line: number | null) => (line === null ? file : `${file}:${line}`),
  messages: 'Remarks about .travis.yml',

  variables: 'Variables',
  variablesHint:
    'The application needs these. They are set in every environment; sensitive ones are never shown again.',
  required: 'required',
  generated: 'A random secret is made for each environment.',
  variableValue: (name: string) => `Value of ${name}`,
  sensitive: 'sensitive',
  setVariables: 'Set the variables',
  variablesSet: 'The variables are set; they count from the next deployment on.',

  watchTitle: 'The first deployment',
  watchCommit: 'Commit',
  watchBuild: 'Build',
  watchDeployment: (environment: string) => `Deployment to ${environment}`,
  watchBuildWaiting: 'The push was received; its build starts in a moment.',
  notBuilt:
    'No build was started for this commit: CI is off, there is no .travis.yml, or the message says [skip ci].',
  watchDeploymentWaiting: 'Begins when the build has passed.',
  openBuild: 'Watch the build',
  openDeployment: 'Watch the deployment',
  jobLog: (number: string) => `Log of job ${number}`,
  deploymentLog: 'Log of the deployment',
  notAsked: 'No job asked for a deployment. Deploy it yourself, or let .travis.yml ask for it.',
  liveAt: 'It is live:',
  finished: (seconds: number) => `From the commit to live in ${seconds} seconds.`,
  toApplication: 'To the application',
  failed:
    'This commit did not go live. Its log says why; correct it, push again, and this page shows the new commit.',
} as const;
