import type { CommandSpec, Example, OptionSpec } from './command.ts';
import { EXIT_MEANINGS } from './exit-meanings.ts';

const HEAD = `.TH RAMPARTCTL 8 "" "Rampart" "System Administration"
.SH NAME
rampartctl \\- shows what rampartd enforces on this host, and why
.SH SYNOPSIS
.B rampartctl
.I COMMAND
.RB [ \\-o
.IR table | json | yaml ]
.RI [ OPTION ...]
.SH DESCRIPTION
.B rampartctl
asks the
.BR rampartd (8)
of this host over its socket, or answers from a directory of manifests without it. On a terminal it prints coloured
tables, in a pipe plain text; with
.B \\-o json
or
.B \\-o yaml
every command answers for programs.
.SH COMMANDS
`;

const TAIL = `.SH FILES
.TP
.I /run/rampart/rampartd.sock
The socket of the daemon: for root, and the group that
.B control.group
names in
.BR rampart.yaml (5).
.SH ENVIRONMENT
.TP
.B NO_COLOR
No colours, also on a terminal.
.SH SEE ALSO
.BR rampartd (8),
.BR rampart.yaml (5),
.BR nft (8)
`;

/** rampartctl(8), from what the commands say of themselves. */
export function manPage(commands: readonly CommandSpec[]): string {
  return [
    HEAD,
    ...commands.map(commandSection),
    '.SH EXIT STATUS\n',
    ...EXIT_MEANINGS.map(([code, meaning]) => `.TP\n.B ${code}\n${roff(meaning)}\n`),
    '.SH EXAMPLES\n',
    ...commands.flatMap(({ examples }) => examples.map(exampleText)),
    TAIL,
  ].join('');
}

function commandSection(spec: CommandSpec): string {
  const { name, args, summary, details, options, exits, formats } = spec;
  const title = args === '' ? `.SS ${name}\n` : `.SS ${name} ${roff(args)}\n`;
  const text = details === '' ? `${summary}.` : `${summary}. ${details}`;
  const ends = exits.map(([code, meaning]) => `.TP\nExit status ${code}\n${roff(meaning)}\n`);
  const output = formats === undefined ? '' : optionText(outputOption(formats));
  return [title, `${roff(text)}\n`, ...options.map(optionText), output, ...ends].join('');
}

function outputOption(choices: readonly string[]): OptionSpec {
  return { flags: '-o, --output <format>', about: 'how to print the answer', choices };
}

function optionText({ flags, about, choices }: OptionSpec): string {
  const values = choices === undefined ? '' : `; one of ${choices.join(', ')}`;
  return `.TP\n.B ${roff(flags)}\n${roff(`${about}${values}`)}\n`;
}

function exampleText({ line, about }: Example): string {
  return `.TP\n${roff(about)}\n.EX\n${roff(line)}\n.EE\n`;
}

// A hyphen that is typed is a minus; a full stop or quote that begins a line would be a request.
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^([.'])/gm, '\\&$1');
}
