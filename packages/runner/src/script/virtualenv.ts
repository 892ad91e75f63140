import type { Installation } from '../toolchains/index.ts';
import { quote } from './shell.ts';
import type { Writer } from './writer.ts';

/** Below the home directory. */
export const VENV_DIRECTORY = 'virtualenv';

export function venvName(python: Installation): string {
  return `${python.flavour === 'pypy' ? 'pypy' : 'python'}${python.version}`;
}

/**
 * Creates (unless the executor has brought one along) and activates a virtualenv for the chosen Python. Debian splits `ensurepip` off its Python, and Python 2 has no
 * `venv`, so there are ways around; when none works, the message says what to install.
 */
export function writeVirtualenv(writer: Writer, python: Installation, home: string): void {
  writeActivation(writer, quote(python.program), `${home}/${VENV_DIRECTORY}/${venvName(python)}`);
}

/** The same with the Python that the job's image has, whatever it is called there. */
export function writeVirtualenvOfImage(writer: Writer, version: string | null, home: string): void {
  const name = `python${version ?? ''}`.replaceAll(/[^\w.-]/g, '_');
  const programs = /^2(\.|$)/.test(version ?? '')
    ? ['python2', 'python']
    : ['python3', 'pypy3', 'python', 'pypy'];
  const found = programs.map((program) => `command -v ${program}`).join(' || ');
  writeActivation(writer, `"$(${found})"`, `${home}/${VENV_DIRECTORY}/${name}`);
}

function writeActivation(writer: Writer, program: string, directory: string): void {
  writer.line(`__sluice_python=${program} __sluice_venv=${quote(directory)}`);
  writer.line('if [[ -z $__sluice_python ]]; then __sluice_stop "This image has no Python."; fi');
  writer.line(VIRTUALENV);
  writer.line(`printf '$ source %s/bin/activate\\n' "\${__sluice_venv/#$HOME/~}"`);
  writer.line('source "$__sluice_venv/bin/activate" || __sluice_stop "The virtualenv is damaged."');
  writer.line('__sluice_venv_path="$__sluice_venv/bin:"');
  writer.line('__sluice_path');
}

const VIRTUALENV = `
__sluice_venv_ready() { [[ -x $__sluice_venv/bin/python ]] && "$__sluice_venv/bin/python" -m pip --version >/dev/null 2>&1; }
__sluice_venv_log="\${TMPDIR:-/tmp}/virtualenv.log"
if [[ ! -x $__sluice_venv/bin/pip ]] && ! "$__sluice_python" -m venv "$__sluice_venv" >|"$__sluice_venv_log" 2>&1 </dev/null; then
  rm -rf "$__sluice_venv"
  if "$__sluice_python" -m virtualenv --version >/dev/null 2>&1; then
    "$__sluice_python" -m virtualenv "$__sluice_venv" >>"$__sluice_venv_log" 2>&1 || :
  elif "$__sluice_python" -m venv --without-pip "$__sluice_venv" >>"$__sluice_venv_log" 2>&1; then
    # A pip from elsewhere can install one here: this Python's own, or any newer one found on PATH.
    __sluice_packages="$("$__sluice_venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')"
    for __sluice_other in "$__sluice_python" python3 python3.13 python3.12 python3.11 python3.10 python; do
      if __sluice_venv_ready; then break; fi
      if "$__sluice_other" -m pip --version >/dev/null 2>&1; then
        "$__sluice_other" -m pip --python "$__sluice_venv/bin/python" install -q pip setuptools wheel >>"$__sluice_venv_log" 2>&1 ||
          "$__sluice_other" -m pip install -q --target "$__sluice_packages" pip setuptools wheel >>"$__sluice_venv_log" 2>&1 || :
      fi
    done
    for __sluice_other in /usr/share/python-wheels/pip-*.whl; do
      if [[ -f $__sluice_other ]] && ! __sluice_venv_ready; then
        "$__sluice_venv/bin/python" "$__sluice_other/pip" install -q --no-index "$__sluice_other" >>"$__sluice_venv_log" 2>&1 ||
          "$__sluice_venv/bin/python" "$__sluice_other/pip" install -q pip >>"$__sluice_venv_log" 2>&1 || :
      fi
    done
  else
    # Python 2: virtualenv still knew it up to 20.21.
    for __sluice_other in python3 python3.11 python3.10 python3.9 python3.8; do
      if "$__sluice_other" -m venv "$HOME/.virtualenv-maker" >>"$__sluice_venv_log" 2>&1; then
        "$HOME/.virtualenv-maker/bin/python" -m pip install -q 'virtualenv<20.22' >>"$__sluice_venv_log" 2>&1 &&
          "$HOME/.virtualenv-maker/bin/python" -m virtualenv -q -p "$__sluice_python" "$__sluice_venv" >>"$__sluice_venv_log" 2>&1 &&
          break
      fi
    done
  fi
  if ! __sluice_venv_ready; then
    while IFS= read -r __sluice_line; do printf '%s\\n' "$__sluice_line"; done <"$__sluice_venv_log"
    __sluice_stop "No virtualenv with pip could be made for $__sluice_python: it lacks venv or ensurepip (on Debian: apt install python3-venv), and no other pip was found."
  fi
fi
`;
