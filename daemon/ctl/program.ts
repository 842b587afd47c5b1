import { Command, Option } from 'commander';
import { EXIT_MEANINGS } from './exit-meanings.ts';
import type { CommandSpec, OptionSpec } from './command.ts';
import { createOutput, FORMATS } from './output.ts';
import type { Format, Streams } from './output.ts';

/** The whole command line; `done` gets the exit code of the command that ran. */
export function createProgram(
  commands: readonly CommandSpec[],
  version: string,
  run: { readonly streams: Streams; readonly done: (exitCode: number) => void },
): Command {
  const program = new Command('rampartctl')
    .description(
      'Shows what rampartd enforces on this host, and why; checks manifests before they are applied.',
    )
    .version(version, '-V, --version', 'print the version and exit')
    .helpOption('-h, --help', 'print this help and exit')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('Run it with --help to see what it takes.')
    .configureOutput({
      writeOut: (text) => run.streams.out.write(text),
      writeErr: (text) => run.streams.err.write(text),
      outputError: (text, write) => {
        write(text.replace(/^error: /, 'rampartctl: '));
      },
    });
  program.addHelpText('after', exitHelp(EXIT_MEANINGS));
  for (const spec of commands) program.addCommand(createCommand(program, spec, run));
  return program;
}

function createCommand(
  program: Command,
  spec: CommandSpec,
  { streams, done }: { readonly streams: Streams; readonly done: (exitCode: number) => void },
): Command {
  const command = new Command(spec.name).copyInheritedSettings(program).summary(spec.summary);
  command.description(
    spec.details === '' ? `${spec.summary}.` : `${spec.summary}. ${spec.details}`,
  );
  if (spec.args !== '') command.arguments(spec.args);
  const formats = spec.formats ?? FORMATS;
  for (const option of spec.options) command.addOption(createOption(option));
  command.addOption(
    new Option('-o, --output <format>', 'how to print the answer')
      .choices(formats)
      .default(formats[0]),
  );
  command.addHelpText('after', exampleHelp(spec));
  return command.action(async (...given: readonly unknown[]) => {
    const { output: format, ...options } = command.opts<{ output: Format }>();
    const args = given
      .slice(0, -2)
      .flat()
      .filter((one) => typeof one === 'string');
    const { run } = await spec.load();
    done(await run({ args, options, output: createOutput(streams, format) }));
  });
}

function createOption({ flags, about, repeats, required, choices }: OptionSpec): Option {
  const option = new Option(flags, about);
  if (choices !== undefined) option.choices(choices);
  if (required === true) option.makeOptionMandatory();
  if (repeats === true) {
    option.argParser((value: string, before: readonly string[] | undefined) => [
      ...(before ?? []),
      value,
    ]);
  }
  return option;
}

function exampleHelp({ examples, exits }: CommandSpec): string {
  const lines = examples.flatMap(({ line, about }) => [`  # ${about}`, `  ${line}`]);
  return `\nExamples:\n${lines.join('\n')}\n${exits.length === 0 ? '' : exitHelp(exits)}`;
}

function exitHelp(exits: CommandSpec['exits']): string {
  const lines = exits.map(([code, meaning]) => `  ${String(code).padEnd(4)}${meaning}`);
  return `\nExit codes:\n${lines.join('\n')}`;
}
