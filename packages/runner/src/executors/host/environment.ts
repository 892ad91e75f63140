/**
 * Variables of the machine that reach a job: how to get to package registries, and nothing that names a directory of
 * whoever runs the runner. Everything else of the machine's environment stays outside.
 */
export const DEFAULT_ENVIRONMENT: readonly string[] = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
  'GIT_SSL_CAINFO',
  'AWS_CA_BUNDLE',
  'PIP_INDEX_URL',
  'PIP_EXTRA_INDEX_URL',
  'PIP_FIND_LINKS',
  'PIP_NO_INDEX',
  'PIP_TRUSTED_HOST',
  'PIP_CERT',
  'PIP_PROXY',
  'PIP_TIMEOUT',
  'PIP_DEFAULT_TIMEOUT',
  'PIP_RETRIES',
  'PIP_PREFER_BINARY',
  'PIP_DISABLE_PIP_VERSION_CHECK',
  'UV_INDEX_URL',
  'UV_DEFAULT_INDEX',
  'UV_EXTRA_INDEX_URL',
  'UV_NATIVE_TLS',
  'npm_config_registry',
  'npm_config_proxy',
  'npm_config_https_proxy',
  'npm_config_noproxy',
  'npm_config_cafile',
  'npm_config_strict_ssl',
  'NPM_CONFIG_REGISTRY',
  'YARN_REGISTRY',
  'YARN_NPM_REGISTRY_SERVER',
  'CARGO_HTTP_*',
  'CARGO_NET_*',
  'CARGO_REGISTRIES_*',
  'CARGO_SOURCE_*',
  'GOPROXY',
  'GONOPROXY',
  'GOPRIVATE',
  'GOSUMDB',
  'GONOSUMDB',
  'GONOSUMCHECK',
  'GOINSECURE',
  'GOTOOLCHAIN',
  'BUNDLE_MIRROR__*',
];

/** Settings of package managers, relative to the home directory. */
export const DEFAULT_SETTINGS_FILES: readonly string[] = [
  '.config/pip/pip.conf',
  '.pip/pip.conf',
  '.config/uv/uv.toml',
  '.npmrc',
  '.yarnrc',
  '.cargo/config.toml',
  '.gemrc',
  '.bundle/config',
  '.m2/settings.xml',
];

/** Passwords in settings: in a URL, or under the names that npm, pip, Maven and cargo give them. */
const CREDENTIAL = /:\/\/[^/\s"'@]+@|_authToken|_auth\b|_password|<password>|\btoken\s*=/i;

export const holdsCredential = (text: string) => CREDENTIAL.test(text);

/**
 * The part of the machine's environment that a job gets. A job that is not trusted gets no value that holds a
 * password, such as a private index.
 */
export function machineVariables(
  environment: NodeJS.ProcessEnv,
  allowed: readonly string[],
  trusted: boolean,
): Record<string, string> {
  const exact = new Set(allowed.filter((name) => !name.endsWith('*')));
  const prefixes = allowed.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue;
    if (!exact.has(name) && !prefixes.some((prefix) => name.startsWith(prefix))) continue;
    if (!trusted && holdsCredential(value)) continue;
    picked[name] = value;
  }
  return picked;
}
