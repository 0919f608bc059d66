/**
 * Draws command lines: something harmless, something with an effect, and every way that is known to bring one in with the
 * other. Effects are small and inside of the world's own folder. Where no cell would hold what a missing guard lets through, lines
 * are tame: nothing is removed, and nothing is changed by chance, so that no other file of the machine can be meant.
 */
import type { Random } from '../../src/simulate/random.ts';
import { mutate } from './mutate.ts';
import type { HijackWorld } from './world.ts';

const harmless = [
  'git diff',
  'git log',
  'git status',
  'ls',
  'ls src',
  'cat README.md',
  'head -1 src/a.ts',
  'git grep a',
  'find src',
  'sort README.md',
  'echo a',
];

function tameEffects({ workspace, outside }: HijackWorld): string[] {
  return [
    'touch pwned',
    'echo x >> src/b.ts',
    'cp docs/guide.md src/new.ts',
    `echo x > ${outside}/new`,
    `${outside}/trap`,
    `touch ${workspace}/pwned`,
  ];
}

function wildEffects({ workspace, outside, port }: HijackWorld, mark: string): string[] {
  return [
    ...[
      'touch pwned',
      'touch docs/ok',
      'echo x >> src/b.ts',
      'echo x >> src/a.ts',
      'rm -f src/b.ts',
      'mv src/b.ts docs/c.ts',
      'cp docs/guide.md src/new.ts',
      'chmod 600 src/b.ts',
      'chmod 700 .',
    ],
    ...[
      'ln -sfn ../src docs/l',
      `ln -sfn ${outside} docs/l`,
      'echo x > docs/l/x',
      'echo x > docs/code/b.ts',
      'ln -f src/b.ts docs/hard; echo x >> docs/hard',
      'mv docs docs2',
      'ln -sfn .git docs/l; echo x > docs/l/x',
    ],
    ...[
      `echo x > ${outside}/new`,
      `${outside}/trap`,
      'echo x > linked/new',
      `echo x > docs/out/new`,
      `cat ${outside}/secret`,
      'cat linked/secret secrets/key',
      `cat /proc/self/root${outside}/secret`,
    ],
    ...[
      'git config core.pager x',
      'git update-ref refs/heads/evil HEAD',
      `git --git-dir=${outside}/mirror.git update-ref refs/heads/evil HEAD`,
      'mkdir -p .mesh; echo x > .mesh/mesh.yaml',
      'echo x > .git/x',
      'git -C evil status',
      'cd evil && git status',
      'mv .mesh m',
      'mv .git g',
    ],
    ...[
      `node -e "require('fs').writeFileSync('pwned','')"`,
      `python3 -c "open('pwned','w')"`,
      `bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}'`,
      `exec 3<>/dev/tcp/127.0.0.1/${port}`,
      `(setsid sleep ${mark} &)`,
      `setsid nohup sleep ${mark} >/dev/null 2>&1 &`,
    ],
    `touch ${workspace}/pwned`,
  ];
}

/** How one is brought in with the other; `h` is harmless, `e` has the effect. */
const carriers: readonly ((h: string, e: string) => string)[] = [
  (_, e) => e,
  ...[';', '&&', '||', '|', '&', '\n', '\r\n', '|&', ' ;\t', '\v', '\f'].map(
    (separator) => (h: string, e: string) => `${h}${separator}${e}`,
  ),
  (h, e) => `${e}; ${h}`,
  (h, e) => `${h} $(${e})`,
  (h, e) => `${h} \`${e}\``,
  (h, e) => `${h} "$(${e})"`,
  (h, e) => `${h} <(${e})`,
  (h, e) => `${h} >(${e})`,
  (h, e) => `${h} "\${x:-$(${e})}"`,
  (h, e) => `${h} $((a[$(${e})]))`,
  (h, e) => `${h} <<E\n$(${e})\nE`,
  (h, e) => `${h} <<'E'\nx\nE\n${e}`,
  (h, e) => `${h} <<-E\n\tE\n${e}\nE`,
  (h, e) => `${h} <<< "$(${e})"`,
  (h, e) => `X=$(${e}) ${h}`,
  (h, e) => `${h} # ;\n${e}`,
  (h, e) => `${h} #\\\n${e}`,
  (h, e) => `${h}#\n${e}`,
  (h, e) => `${h} \\\n; ${e}`,
  (h, e) => `${h} '\n'; ${e}; '`,
  (h, e) => `${h} "a\\"; ${e}; "`,
  (h, e) => `${h} $'\\''; ${e}; '`,
  (h, e) => `${h} $"a"; ${e}`,
  (h, e) => `git() { ${e}; }; ls() { ${e}; }; ${h}`,
  (h, e) => `function ls { ${e}; }; ${h}`,
  (h, e) => `shopt -s expand_aliases\nalias git='${e};' ls='${e};'\n${h}`,
  (h, e) => `if ${h}; then ${e}; fi`,
  (h, e) => `for i in 1; do ${h}; ${e}; done`,
  (h, e) => `case x in x) ${e};; esac; ${h}`,
  (h, e) => `{ ${e}; }; ${h}`,
  (h, e) => `(${h}; ${e})`,
  (h, e) => `! ${e} | ${h}`,
  (h, e) => `time ${e}; ${h}`,
  (h, e) => `coproc ${e}; ${h}`,
  (h, e) => `[[ -v a[$(${e})] ]]; ${h}`,
  (h, e) => `((a[$(${e})])); ${h}`,
  (h, e) => `trap '${e}' EXIT; ${h}`,
  (h, e) => `eval '${e}'; ${h}`,
  (_, e) => `bash -c '${e}'`,
  (_, e) => `env A=1 sh -c '${e}'`,
  (_, e) => `echo '${e}' | sh`,
  (_, e) => `echo a | xargs -I{} sh -c '${e}'`,
  (_, e) => `find README.md -exec sh -c '${e}' ';'`,
  (h, e) => `echo @(a|$(${e})) ${h}`,
  (h, e) => `echo {a,$(${e})}; ${h}`,
  (h) => `${h} > pwned`,
  (h) => `${h} >> src/b.ts`,
  (h) => `${h} >| pwned`,
  (h) => `${h} &> pwned`,
  (h) => `${h} 2>pwned`,
  (h) => `${h} {x}>pwned`,
  (h) => `${h} <> pwned`,
  (h) => `> pwned ${h}`,
  (h) => `${h} >&pwned`,
];

/** Words behind a harmless command that make it another; `$T` is a program of the workspace that has an effect. */
const options = [
  ...[
    'git diff --output=pwned',
    'git diff --outp=pwned',
    'git log -p --output pwned',
    "git diff '--output=pwned'",
    'git diff --ext-diff',
    'git log -1 --output=src/b.ts',
    'git diff --no-index README.md notes.md --output=pwned',
  ],
  ...[
    'git grep -O$T a',
    'git grep -nO$T a',
    'git grep --open-files-in-pager=$T a',
    'git -c core.pager=$T -p log',
    'git -c core.fsmonitor=$T status',
    'git -c diff.external=$T diff',
    'git -c alias.x=!$T x',
    'git difftool -y -x $T',
    'git diff \\--output=pwned',
    'sort \\-opwned README.md',
    'git --exec-path=$O log',
    'git log --ext-diff -p',
  ],
  ...[
    'GIT_EXTERNAL_DIFF=$T git diff',
    'GIT_PAGER=$T git -p log',
    'GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.fsmonitor GIT_CONFIG_VALUE_0=$T git status',
    'PATH=$O:$PATH git diff',
    'BASH_ENV=$T ls',
    'LD_PRELOAD=$T ls',
    'env -S"touch pwned"',
    'git diff $X --output=pwned',
    'git diff {--output=pwned,a}',
  ],
  ...[
    'find . -name key -delete',
    'find src -fprint pwned',
    'find src -fls pwned',
    'find README.md -exec $T {} +',
    'find README.md -execdir touch pwned ;',
    'sort README.md -o pwned',
    'sort -opwned README.md',
    'sort --outp=pwned README.md',
    'sort --compress-program=$T -S 1k README.md',
    'cat $T | sh',
    'ls;$T',
    'git log\n$T',
  ],
];

/** What calls are drawn in and for. */
export interface DrawnFor {
  world: HijackWorld;
  /** Seconds that nobody else sleeps. */
  mark: string;
  isTame: boolean;
}

export function drawCommand(random: Random, { world, mark, isTame }: DrawnFor): string {
  const effects = isTame ? tameEffects(world) : wildEffects(world, mark);
  const shape = random.next();
  const fill = (text: string) =>
    text.replaceAll('$T', `${world.workspace}/trap`).replaceAll('$O', world.outside);
  const drawn =
    shape < 0.1
      ? random.pick(harmless)
      : shape < 0.3
        ? fill(random.pick(isTame ? options.filter((text) => !text.includes('-delete')) : options))
        : shape < 0.45
          ? random.pick(effects)
          : random.pick(carriers)(random.pick(harmless), random.pick(effects));
  if (random.chance(0.02)) return `${drawn} ${'x '.repeat(20_000)}`;
  return !isTame && random.chance(0.3) ? mutate(random, drawn) : drawn;
}

export function drawArgv(random: Random, drawnFor: DrawnFor): string[] {
  if (random.chance(0.3)) return ['bash', '-c', drawCommand(random, drawnFor)];
  const words = drawCommand(random, drawnFor).split(/\s+/).filter(Boolean);
  if (random.chance(0.1)) return [words.join(' ')];
  const argv = random.chance(0.1) ? ['/usr/bin/env', ...words] : words;
  return argv.length === 0 || random.chance(0.02) ? [''] : argv;
}
