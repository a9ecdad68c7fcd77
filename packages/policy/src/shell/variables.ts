/**
 * Variables by which a text can change what its commands are: either the shell or a usual program takes from them what to
 * start, where to look for it, or what to load first. Variables that only choose among files which a program reads anyway
 * are not listed.
 */

const exact = new Set(
  // The shell's own.
  (
    "PATH ENV BASH_ENV BASH_ALIASES BASH_CMDS BASH_LOADABLES_PATH BASHOPTS SHELLOPTS SHELL IFS PS0 PS1 PS2 PS4 PROMPT_COMMAND " +
    "POSIXLY_CORRECT EXECIGNORE FCEDIT FPATH ZDOTDIR HOME CDPATH COMPSPEC HISTFILE INPUTRC " +
    // Programs that other programs start.
    "BROWSER EDITOR VISUAL PAGER MANPAGER LESSOPEN LESSCLOSE LESSEDIT SUDO_ASKPASS SUDO_EDITOR SSH_ASKPASS RSYNC_RSH " +
    "RSYNC_CONNECT_PROG CVS_RSH TAR_OPTIONS RUSTC RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER GOFLAGS MAKEFLAGS MFLAGS GNUMAKEFLAGS " +
    // Code that is loaded first.
    "GCONV_PATH LOCPATH NODE_OPTIONS PERL5OPT PERL5LIB PERL5DB PERLLIB PYTHONSTARTUP PYTHONHOME PYTHONINSPECT RUBYOPT RUBYLIB " +
    "JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS MAVEN_OPTS GRADLE_OPTS LUA_INIT PHPRC AWKPATH AWKLIBPATH R_PROFILE " +
    "OPENSSL_CONF OPENSSL_ENGINES GIO_EXTRA_MODULES GTK_MODULES QT_PLUGIN_PATH WGETRC CURL_HOME"
  ).split(" "),
);

const families = ["LD_", "DYLD_", "GIT_", "BASH_FUNC_", "CARGO_TARGET_", "npm_config_", "NPM_CONFIG_", "PIP_", "UV_"];

export const changesWhatRuns = (name: string): boolean =>
  exact.has(name) || families.some((family) => name.startsWith(family));

/**
 * Text that does nothing as it stands, but runs a command when arithmetic meets it in a variable: `x='a[$(id)]'; ((x))`.
 */
export const isLoaded = (value: string): boolean => value.includes("[") && /\$[({]|`/.test(value);

export const isName = (text: string): boolean => /^[A-Za-z_]\w*$/.test(text);
export const isNumber = (text: string): boolean => /^-?\d+$/.test(text);
