import type { CommandSpec } from './command.ts';

/** Shells that completion is made for. */
export const SHELLS = ['bash', 'zsh'] as const;
export type Shell = (typeof SHELLS)[number];

/** What the shell has to read so that it completes commands, options and their values; files elsewhere. */
export function completionScript(commands: readonly CommandSpec[], shell: Shell): string {
  const names = commands.map(({ name }) => name).join(' ');
  const cases = commands.map((spec) => `    ${spec.name}) words='${wordsOf(spec).join(' ')}' ;;\n`);
  // zsh reads bash's functions after bashcompinit.
  const start = shell === 'zsh' ? 'autoload -U +X bashcompinit && bashcompinit\n' : '';
  return (
    `${start}_rampartctl() {\n` +
    `  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=''\n` +
    `  case \${COMP_WORDS[1]} in\n${cases.join('')}  esac\n` +
    `  if [ "$COMP_CWORD" -eq 1 ]; then words='${names} help --help --version'; fi\n` +
    `  case "\${COMP_WORDS[1]} $before" in\n${valueCases(commands)}  esac\n` +
    `  COMPREPLY=($(compgen -W "$words" -- "$word"))\n` +
    `}\n` +
    `complete -o default -F _rampartctl rampartctl\n`
  );
}

function wordsOf({ name, options }: CommandSpec): readonly string[] {
  const flags = options.map((option) => longFlag(option.flags));
  return [...(name === 'completion' ? SHELLS : []), ...flags, '--output', '--help'];
}

// The first pattern that matches counts: what one command takes comes before what all take.
function valueCases(commands: readonly CommandSpec[]): string {
  const own = commands.flatMap(({ name, formats }) =>
    formats === undefined ? [] : valueCase([`${name} -o`, `${name} --output`], formats),
  );
  const shared = new Map<string, readonly string[]>();
  for (const { flags, choices } of commands.flatMap(({ options }) => options)) {
    if (choices !== undefined) shared.set(longFlag(flags), choices);
  }
  return [
    ...own,
    valueCase(['* -o', '* --output'], ['table', 'json', 'yaml']),
    ...Array.from(shared, ([flag, choices]) => valueCase([`* ${flag}`], choices)),
  ].join('');
}

function valueCase(patterns: readonly string[], words: readonly string[]): string {
  const quoted = patterns.map((pattern) => pattern.replaceAll(' ', '\\ '));
  return `    ${quoted.join('|')}) words='${words.join(' ')}' ;;\n`;
}

function longFlag(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? '';
}
