/**
 * Programs that run other programs, or write where a reader of their first words would not expect it. Says how many words
 * of such a command a rule that admits anything after it has to name. Pure data and arithmetic over words; no list of this
 * kind is ever complete, which is why the cell stands behind it.
 */

/** A rule with `:*` must name at least so many words of the command; Infinity: only a rule that names it whole admits it. */
export function wordsToName(words: readonly string[]): number {
  const program = programOf(words[0] ?? '');
  const trap = programs.get(program);
  return trap === undefined ? 1 : trap(words);
}

/** `/usr/bin/Python3.12` → `python`. */
export function programOf(word: string): string {
  const name = word.slice(word.lastIndexOf('/') + 1).toLowerCase();
  return name.replace(/\.exe$/, '').replace(/[\d.-]+$/, '') || name;
}

/** Programs whose arguments may be a command, as words or as text: where a denied command could hide. */
export function carriesCommands(word: string): boolean {
  const trap = programs.get(programOf(word));
  return trap === shell || trap === whole || trap === wrapper || programOf(word) === 'find';
}

type Trap = (words: readonly string[]) => number;

const whole: Trap = () => Number.POSITIVE_INFINITY;

/** `bash file …` and `bash -c code …`: what runs is the file or the code; options in front may change everything. */
const shell: Trap = ([, first = '-', second]) => {
  if (!isOption(first)) return 2;
  return first === '-c' && second !== undefined ? 3 : Number.POSITIVE_INFINITY;
};

/** `timeout 60 npm test`: the command behind it decides, and must be named. */
const wrapper: Trap = (words) => {
  const program = programOf(words[0] ?? '');
  let start = program === 'timeout' ? 2 : 1;
  while (program === 'env' && /^[A-Za-z_]\w*=/.test(words[start] ?? '')) start += 1;
  const isPlain = words.slice(1, start + 1).every((word) => !isOption(word));
  if (!isPlain || words.length <= start) return Number.POSITIVE_INFINITY;
  return start + wordsToName(words.slice(start));
};

/** `node file …` runs a file of the workspace; without a file, or with options, code may come with the line or be piped in. */
const interpreter: Trap = (words) => {
  const [, first] = words;
  if (first === undefined) return Number.POSITIVE_INFINITY;
  if (!isOption(first)) return ['eval', 'exec', 'x', 'repl'].includes(first) ? Number.POSITIVE_INFINITY : 1;
  if (first === '-m') return 3;
  return words.slice(1).findIndex((word) => !isOption(word)) === -1 ? words.length : Number.POSITIVE_INFINITY;
};

/** `awk program …`: the program can run commands, so a rule has to name it. */
const programText: Trap = ([, first = '-']) => (isOption(first) ? Number.POSITIVE_INFINITY : 2);

/** Options that run a program or write a file; without them the command is an ordinary one. */
function withoutOptions(pattern: RegExp): Trap {
  return (words) => (words.slice(1).some((word) => pattern.test(word)) ? Number.POSITIVE_INFINITY : 1);
}

const packageManager: Trap = ([, first = '-']) => {
  if (isOption(first)) return Number.POSITIVE_INFINITY;
  return /^(exec|x|dlx|explore|init|create|config|set|edit|bunx)$/.test(first) ? Number.POSITIVE_INFINITY : 1;
};

const packageRunner: Trap = ([, first = '-']) => (isOption(first) ? Number.POSITIVE_INFINITY : 2);

const gitReaders =
  /^(annotate|blame|cat-file|check-ignore|cherry|count-objects|describe|diff|diff-files|diff-index|diff-tree|for-each-ref|fsck|grep|log|ls-files|ls-tree|merge-base|name-rev|range-diff|reflog|rev-list|rev-parse|shortlog|show|show-branch|show-ref|status|var|version|whatchanged)$/;
const gitWriters =
  /^(add|apply|branch|checkout|cherry-pick|clean|commit|merge|mv|notes|reset|restore|revert|rm|stash|switch|tag)$/;
/** As git takes them: long options also when they are cut short. */
const gitLongTraps = [
  ...['--output', '--output-directory', '--ext-diff', '--textconv', '--open-files-in-pager', '--orderfile'],
  ...['--upload-pack', '--receive-pack', '--exec', '--exec-path', '--config', '--config-env', '--template'],
  ...[
    '--no-index',
    '--interactive',
    '--patch',
    '--edit',
    '--strategy',
    '--gpg-sign',
    '--filters',
    '--contents',
  ],
];

/** Options in front of the subcommand change what git is; subcommands that run programs, and aliases, are named whole. */
function git(words: readonly string[]): number {
  const [, subcommand = '-', ...rest] = words;
  const isReader = gitReaders.test(subcommand);
  if (!isReader && !gitWriters.test(subcommand)) return Number.POSITIVE_INFINITY;
  const isTrap = (word: string) => {
    const name = word.split('=')[0] ?? '';
    if (name.startsWith('--')) return name.length > 2 && gitLongTraps.some((trap) => trap.startsWith(name));
    return /^-[A-Za-z]*O/.test(word) || (!isReader && /^-[A-Za-z]*[oxceipS]/.test(word));
  };
  return rest.some(isTrap) ? Number.POSITIVE_INFINITY : 1;
}

function isOption(word: string): boolean {
  return word.startsWith('-') || word.startsWith('+');
}

const programs = new Map<string, Trap>([
  ...named('bash sh dash ash zsh ksh mksh fish csh tcsh rbash', shell),
  ...named('env timeout nohup nice setsid time command stdbuf chronic', wrapper),
  ...named(
    'node nodejs deno bun tsx python pypy ruby perl php lua luajit tclsh rscript osascript',
    interpreter,
  ),
  ...named('awk gawk mawk nawk jshell', programText),
  ...named('npm pnpm yarn corepack', packageManager),
  ...named('npx bunx uvx pipx', packageRunner),
  // Builtins that run text, or change what later words mean.
  ...named(
    'eval exec source . trap builtin alias unalias enable hash shopt set bind complete compgen mapfile',
    whole,
  ),
  ...named('readarray export declare typeset readonly local let read unset getopts test [ coproc fc', whole),
  ...named(
    'xargs parallel sudo doas su runuser setpriv ionice chrt taskset prlimit flock script watch strace',
    whole,
  ),
  ...named(
    'ltrace gdb lldb unshare nsenter chroot bwrap busybox toybox ssh scp sftp rsync docker podman',
    whole,
  ),
  ...named(
    'kubectl systemd-run at batch crontab make gmake cmake ninja just task rake gradle mvn ant',
    makeTool,
  ),
  ...named(
    'vi vim nvim view ex ed emacs nano less more man info pager sed gsed m4 expect socat nc ncat',
    whole,
  ),
  ...named('split csplit', withoutOptions(/^--?f/)),
  ['printf', withoutOptions(/^-v/)],
  ['find', withoutOptions(/^-(exec|execdir|ok|okdir|delete|fprint|fprint0|fprintf|fls|files0-from)$/)],
  ...named('fd fdfind', withoutOptions(/^(-[a-zA-Z]*[xX]|--exec)/)),
  ...named('rg ugrep', withoutOptions(/^--(pre|hostname-bin|pager|view|filter)/)),
  ...named(
    'tar bsdtar gtar',
    withoutOptions(
      /^(--(to-command|checkpoint|use-compress|rsh|info-script|new-volume|rmt)|-[a-zA-Z]*[IF]|[a-zA-Z]*[IF][a-zA-Z]*$)/,
    ),
  ),
  ...named('zip unzip', withoutOptions(/^(-T|--unzip-command|-[a-zA-Z]*T)/)),
  ['sort', withoutOptions(/^(--comp|--outp|--o|--files0|-[a-zA-Z]*[oT])/)],
  ['uniq', (words) => (words.filter((word) => !isOption(word)).length > 2 ? Number.POSITIVE_INFINITY : 1)],
  ['git', git],
]);

/** Targets run whatever the project's files say; a rule names which. */
function makeTool(words: readonly string[]): number {
  return words.slice(1).every((word) => !isOption(word) && !word.includes('='))
    ? 1
    : Number.POSITIVE_INFINITY;
}

function named(names: string, trap: Trap): [string, Trap][] {
  return names.split(' ').map((name) => [name, trap]);
}
